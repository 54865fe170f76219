package dc

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestANetworkFileHasExactlyTheAgreedForm(t *testing.T) {
	n := local(t)
	n.DCs = n.DCs[1:2]
	got, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	pem := strings.ReplaceAll(readTestdata(t, "local.pkcs1.pem"), "\n", `\n`)
	want := `{"dcs":[{"id":2,"addr":"127.0.0.1:41002"}],"public_keys":["` + pem + `"],"control":"http://127.0.0.1:41000"}`
	if string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestANetworkComesBackAsItWasWritten(t *testing.T) {
	named := local(t)
	named.Name, named.Home, named.Test, named.Control = "ours", 3, true, ""
	for _, n := range []Network{Production(), Test(), local(t), named} {
		data, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(n, again) {
			t.Errorf("got %+v, want %+v", again, n)
		}
	}
}

// A session that has no network yet is written too.
func TestAnEmptyNetworkInsideOtherJSONStaysEmpty(t *testing.T) {
	type holder struct{ Network Network }
	data, err := json.Marshal(holder{})
	if err != nil {
		t.Fatal(err)
	}
	got := holder{Production()}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Network.IsZero() {
		t.Errorf("got %+v from %s, want nothing", got.Network, data)
	}
	spoiled := local(t)
	spoiled.Keys[0] = nil
	if _, err := json.Marshal(spoiled); err == nil {
		t.Error("a network with a key that is nil was written")
	}
}

// file returns a network file with the given fields beside data centre 2 and
// the local key; a field replaces the one of its name.
func file(t testing.TB, fields map[string]any) []byte {
	t.Helper()
	object := map[string]any{
		"dcs":         []Endpoint{{2, "127.0.0.1:41002"}},
		"public_keys": []string{readTestdata(t, "local.pkcs1.pem")},
	}
	for name, value := range fields {
		object[name] = value
	}
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFieldsThatNobodyKnowsAreLeftAlone(t *testing.T) {
	n, err := Parse(file(t, map[string]any{"version": 7, "console": "http://127.0.0.1:1", "TEST": true, "Control": 5}))
	if err != nil {
		t.Fatal(err)
	}
	if n.Test || n.Control != "" {
		t.Errorf("got test %v and control %q from fields of other names", n.Test, n.Control)
	}
}

func TestOnlyTestTrueMeansTest(t *testing.T) {
	for value, want := range map[any]bool{true: true, false: false, nil: false} {
		n, err := Parse(file(t, map[string]any{"test": value}))
		if err != nil || n.Test != want {
			t.Errorf("%v: got %v, %v", value, n.Test, err)
		}
	}
	for _, value := range []any{"true", 1, []bool{true}} {
		if n, err := Parse(file(t, map[string]any{"test": value})); err == nil || n.Test {
			t.Errorf("%v: got %v, %v; want a refusal", value, n.Test, err)
		}
	}
}

func TestBothFormsOfAPublicKeyAreOneKey(t *testing.T) {
	a, err := Parse(file(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(file(t, map[string]any{"public_keys": []string{readTestdata(t, "local.pkix.pem")}}))
	if err != nil {
		t.Fatal(err)
	}
	if !a.Keys[0].Equal(b.Keys[0]) || a.Identity() != b.Identity() {
		t.Error("the two forms gave two keys")
	}
}

func TestAMistakeInANetworkFileIsNamedWithItsField(t *testing.T) {
	key := readTestdata(t, "local.pkcs1.pem")
	for _, c := range []struct {
		field string
		value any
		want  string
	}{
		{"dcs", "127.0.0.1:1", "dcs: got a JSON string, want a list"},
		{"dcs", []any{2}, "dcs[0]: got a JSON number, want an object"},
		{"dcs", []any{map[string]any{"id": "2"}}, "dcs[0]: id: got a JSON string, want a whole number"},
		{"dcs", []any{map[string]any{"id": 2.5}}, "dcs[0]: id: got a JSON number 2.5, want a whole number"},
		{"dcs", []any{map[string]any{"id": 2}}, `dcs[0].addr: got "", want host:port`},
		{"public_keys", key, "public_keys: got a JSON string, want a list"},
		{"public_keys", []any{7}, "public_keys: got a JSON number, want a list of strings"},
		{"public_keys", []string{key, "MIIB"}, "public_keys[1]: got no PEM block"},
		{"public_keys", []string{key + key}, "public_keys[0]: got more behind the first PEM block"},
		{"public_keys", []string{strings.ReplaceAll(key, "PUBLIC", "PRIVATE")}, `public_keys[0]: got a PEM block "RSA PRIVATE KEY", want`},
		{"public_keys", []string{strings.ReplaceAll(key, "RSA PUBLIC", "PUBLIC")}, "public_keys[0]: the PEM block does not hold"},
		{"public_keys", []string{readTestdata(t, "ec.pkix.pem")}, "want RSA"},
		{"public_keys", []string{readTestdata(t, "small.pkcs1.pem")}, "public_keys[0]: got a modulus of 1024 bits"},
		{"public_keys", []string{"-----BEGIN RSA PUBLIC KEY-----\nMAYCAQMCAQMA\n-----END RSA PUBLIC KEY-----\n"}, "goes on for 1 bytes"},
		{"control", 4, "control: got a JSON number, want a string"},
		{"home", "2", "home: got a JSON string, want a whole number"},
		{"name", true, "name: got a JSON bool, want a string"},
	} {
		n, err := Parse(file(t, map[string]any{c.field: c.value}))
		if err == nil || !strings.Contains(err.Error(), c.want) || !n.IsZero() {
			t.Errorf("%s: got %v, want an error with %q and no network", c.field, err, c.want)
		}
	}
	for data, want := range map[string]string{
		"":                             "not JSON at byte 0",
		"{":                            "not JSON at byte 1",
		"[]":                           "got a JSON array, want an object",
		"{} x":                         "not JSON at byte 4",
		"null":                         "dcs: got none",
		strings.Repeat(" ", maxFile+1): "got more than 1048576 bytes",
	} {
		if _, err := Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want an error with %q", data, err, want)
		}
	}
}

func TestANetworkFileIsReadFromDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "network.json")
	if err := os.WriteFile(path, file(t, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := n.Endpoint(2); !ok || o.Addr != "127.0.0.1:41002" {
		t.Errorf("got %+v", n.DCs)
	}

	missing := filepath.Join(t.TempDir(), "missing.json")
	if _, err := ReadFile(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("a missing file: got %v, want one that names it", err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path+": dcs: got none") {
		t.Errorf("an empty network: got %v, want an error that names file and field", err)
	}
	if _, err := ReadFile(filepath.Dir(path)); err == nil {
		t.Error("a directory was read as a network file")
	}
}

func FuzzWhatParsesIsValidAndComesBack(f *testing.F) {
	f.Add(file(f, nil))
	f.Add(file(f, map[string]any{"test": true, "home": 2, "name": "x", "control": "https://x"}))
	f.Add(file(f, map[string]any{"public_keys": []string{readTestdata(f, "local.pkix.pem"), "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----"}}))
	f.Add([]byte(`{"dcs":[{"id":1e3,"addr":"[::1%lo]:1"}],"public_keys":[""]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data)
		if err != nil {
			return
		}
		written, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if !reflect.DeepEqual(n, again) || n.Identity() != again.Identity() {
			t.Fatalf("got %+v, want %+v", again, n)
		}
	})
}
