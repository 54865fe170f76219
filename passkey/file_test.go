package passkey_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/telekey/telekey/passkey"
)

func TestPasskeysOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ann.passkeys")
	a, err := passkey.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	understood(t)(a.Create(t.Context(), register("1", "")))
	understood(t)(a.Get(t.Context(), login("")))

	again, err := passkey.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Credentials(), a.Credentials(); !reflect.DeepEqual(got, want) || got[0].Count != 1 {
		t.Errorf("got %+v, want %+v, used once", got, want)
	}
	understood(t)(again.Get(t.Context(), login("")))
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("got %v, %v beside each other, want the file alone", left, err)
	}
}

func TestOnlyTheOwnerReadsTheFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes here")
	}
	path := filepath.Join(t.TempDir(), "ann.passkeys")
	a, err := passkey.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	understood(t)(a.Create(t.Context(), register("1", "")))
	for _, loosen := range []bool{false, true} {
		if loosen {
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := passkey.Open(path); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("loosened %v: got the mode %v, %v, want 0600", loosen, info.Mode(), err)
		}
	}
}

// A use that could not be stored must not leave: the next one would count the
// same.
func TestWhatCannotBeStoredIsNotDone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	a, err := passkey.Open(filepath.Join(dir, "ann.passkeys"))
	if err != nil {
		t.Fatal(err)
	}
	understood(t)(a.Create(t.Context(), register("1", "")))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if response, err := a.Get(t.Context(), login("")); err == nil {
		t.Errorf("got %s", response)
	}
	if _, err := a.Create(t.Context(), register("2", "")); err == nil {
		t.Error("a passkey was made")
	}
	if all := a.Credentials(); len(all) != 1 || all[0].Count != 0 {
		t.Errorf("got %+v, want all as it was", all)
	}
}

func TestADamagedFileIsNamedAndLeft(t *testing.T) {
	a := passkey.New()
	understood(t)(a.Create(t.Context(), register("1", "")))
	good, err := passkey.Marshal(a.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	var whole struct{ Passkeys []map[string]any }
	if err := json.Unmarshal(good, &whole); err != nil {
		t.Fatal(err)
	}
	key := whole.Passkeys[0]["private_key"].(string)
	entry := string(good[bytes.Index(good, []byte("[\n"))+2 : bytes.LastIndex(good, []byte("\n  ]"))])
	for damaged, want := range map[string]string{
		strings.Replace(string(good), entry, entry+","+entry, 1): "passkeys[1].id: got one that there is already",
		"":     "format: ",
		"[1]":  "format: ",
		"null": "format: ",
		strings.Replace(string(good), `"site": "example.org"`, "\"site\": \"caf\xe9\"", 1): "not UTF-8",
		strings.Replace(string(good), `"site": "example.org"`, `"site": "\ud83d"`, 1):      "half of a character",
		strings.Replace(string(good), `"version": 2`, `"version": 3`, 1):                   "version: got 3, want 1 or 2",
		strings.Replace(string(good), `"count"`, `"cuont"`, 1):                             "a field is",
		strings.Replace(string(good), `"count": 0`, `"count": -1`, 1):                      "passkeys.count: a field is",
		strings.Replace(string(good), key, strings.Repeat("A", 43), 1):                     "passkeys[0].private_key: got a number",
		strings.Replace(string(good), key, key[:20], 1):                                    "passkeys[0].private_key: got something else",
		strings.Replace(string(good), `"site": "example.org"`, `"site": ""`, 1):            "passkeys[0].site: got 0",
		strings.Replace(string(good), `"user_handle": "MQ"`, `"user_handle": ""`, 1):       "passkeys[0].user_handle: got 0",
		strings.Replace(string(good), `"user_handle": "MQ"`, `"user_handle": "%"`, 1):      "passkeys[0].user_handle: got something",
		strings.Replace(string(good), fmt.Sprintf("%q", a.Credentials()[0].ID), `""`, 1):   "passkeys[0].id: got 0",
	} {
		path := filepath.Join(t.TempDir(), "ann.passkeys")
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := passkey.Open(path)
		wrong, ok := errors.AsType[*passkey.FileError](err)
		if !ok || wrong.Path != path || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), key[:16]) {
			t.Errorf("got %v, want the path and %q, and no key", err, want)
		}
		if left, _ := os.ReadFile(path); string(left) != damaged {
			t.Error("the file was changed")
		}
	}
}

func TestAPrivateKeyShowsNowhere(t *testing.T) {
	a := passkey.New()
	understood(t)(a.Create(t.Context(), register("1", "")))
	c := a.Credentials()[0]
	var file struct {
		Passkeys []struct {
			Key string `json:"private_key"`
		}
	}
	if err := json.Unmarshal(must(passkey.Marshal(a.Credentials())), &file); err != nil {
		t.Fatal(err)
	}
	raw := must(base64.RawURLEncoding.DecodeString(file.Passkeys[0].Key))
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", c.Key, "passkey", c)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), string(asJSON)}
	for _, shown := range []any{c, &c, c.Key, a.Credentials()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
			texts = append(texts, fmt.Sprintf(verb, shown))
		}
	}
	for _, text := range texts {
		if !strings.Contains(text, c.Key.String()) {
			t.Errorf("got %s, want the fingerprint %s", text, c.Key)
		}
		for _, secret := range []string{fmt.Sprintf("%x", raw[:4]), fmt.Sprint(raw[:4])[1:6]} {
			if strings.Contains(text, secret) {
				t.Errorf("the key is in %s", text)
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if text := fmt.Sprintf(verb, a); text != "passkey.Authenticator(1)" {
			t.Errorf("%s: got %s", verb, text)
		}
	}
	var back passkey.Credential
	if err := json.Unmarshal(asJSON, &back); err == nil {
		t.Error("a key was read from its fingerprint")
	}
	if none := (passkey.PrivateKey{}); none.String() != "passkey(none)" {
		t.Errorf("got %v", none)
	}
}

// Whatever a file holds, the answer is credentials that can be stored again, or
// an error.
func FuzzUnmarshal(f *testing.F) {
	a := passkey.New()
	if _, err := a.Create(f.Context(), register("1", "")); err != nil {
		f.Fatal(err)
	}
	good, err := passkey.Marshal(a.Credentials())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":"telekey passkeys","version":1,"passkeys":[{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		credentials, err := passkey.Unmarshal(b)
		if err != nil {
			if _, ok := errors.AsType[*passkey.FileError](err); !ok {
				t.Fatalf("got %T, want *FileError", err)
			}
			return
		}
		again, err := passkey.Marshal(credentials)
		if err != nil {
			t.Fatalf("cannot be stored again: %v", err)
		}
		if back, err := passkey.Unmarshal(again); err != nil || !reflect.DeepEqual(back, credentials) {
			t.Fatalf("got %v, %v, want %v", back, err, credentials)
		}
	})
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// Version 1 did not note the network: its passkeys are kept, and sign on no network.
func TestAPasskeyOfAnEarlierVersionSignsOnNoNetwork(t *testing.T) {
	a := passkey.New()
	understood(t)(a.Create(t.Context(), register("1", "")))
	b, err := passkey.Marshal(a.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := passkey.Unmarshal([]byte(strings.Replace(string(b), `"version": 2`, `"version": 1`, 1)))
	if err != nil || len(credentials) != 1 {
		t.Fatalf("got %d passkeys, %v, want one", len(credentials), err)
	}
	options := []byte(`{"challenge":"AAAA","rpId":"` + credentials[0].Site + `"}`)
	if _, err := passkey.New(credentials...).GetOn(t.Context(), "production", options); !errors.Is(err, passkey.ErrOtherNetwork) {
		t.Errorf("got %v, want ErrOtherNetwork", err)
	}
}
