package session_test

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/session/sessiontest"
)

func TestAStoredSessionReadsBackWhole(t *testing.T) {
	for name, want := range map[string]session.Data{"sample": sessiontest.Sample(), "empty": {}} {
		b := marshal(t, want)
		got, err := session.Unmarshal(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again := marshal(t, got); !bytes.Equal(again, b) {
			t.Errorf("%s: read and stored again it is\n%s\nwant\n%s", name, again, b)
		}
	}
	d, _ := session.Unmarshal(marshal(t, sessiontest.Sample()))
	if got, want := d.Keys[2], sessiontest.Sample().Keys[2]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := d.Network.Identity(), sessiontest.Sample().Network.Identity(); got != want {
		t.Errorf("got network %s, want %s", got, want)
	}
}

// Users have files of version 1, so this one must always be readable. For a new
// format add a version and a file, and leave this one.
func TestAFileOfVersion1IsReadable(t *testing.T) {
	b, err := os.ReadFile("testdata/version1.session")
	if err != nil {
		t.Fatal(err)
	}
	got, err := session.Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	sample := sessiontest.Sample()
	sample.LoggedOut, sample.Ended, sample.Pending = time.Time{}, "", nil // are newer than the file
	if got, want := marshal(t, got), marshal(t, sample); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The error names the fault and its place, and contains no secret.
func TestABrokenSessionSaysWhere(t *testing.T) {
	good := string(marshal(t, sessiontest.Sample()))
	for _, c := range []struct{ name, old, new, place, problem string }{
		{"a comma is missing", "\"version\": 1,", "\"version\": 1", "line 4, column 3", "invalid character"},
		{"a string for a number", "\n  \"home\": 2", "\n  \"home\": \"two\"", "line ", "home: got a JSON string, want a Go int"},
		{"another format", `"telekey session"`, `"somebody's"`, "format", "another program's file"},
		{"a newer version", `"version": 1`, `"version": 2`, "version", "got 2, want 1"},
		{"a field of a newer version", "\n  \"home\": 2", `"home": 2, "away": 3`, "", `unknown field "away"`},
		{"a byte of the key changed", `"auth_key": "AAEC`, `"auth_key": "AAED`, "keys.2.auth_key", "it was damaged"},
		{"a key without end", `"auth_key": "AAEC`, `"auth_key": "AAECAAEC`, "keys.2.auth_key", "got 259 bytes, want 256"},
		{"a key that is not base64", `"auth_key": "AAEC`, `"auth_key": "!!!!`, "keys.2.auth_key", "illegal base64"},
		{"a salt that is no number", `"salt": "-9223372036854775808"`, `"salt": "salt"`, "keys.2.salt", "want a number"},
		{"an offset without unit", `"clock_offset": "-90ms"`, `"clock_offset": "-90"`, "keys.2.clock_offset", "want a duration"},
		{"a data centre far away", `"4": {`, `"40000": {`, "keys", "got data centre 40000"},
		{"a token that is not base64", `"AP8K"`, `"AP8"`, "tokens.1", "illegal base64"},
		{"an empty token", `"AP8K"`, `""`, "tokens.1", "got 0 bytes"},
		{"a user without id", `"id": 5000000001`, `"id": 0`, "user.id", "got 0"},
		{"a network that is none", `"dcs": [`, `"dcs": 5, "left": [`, "network", "dcs: "},
		{"a local key under Telegram's name", `"name": "sample"`, `"name": "production"`, "network", "Telegram's key"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%s: %s is not in the file", c.name, c.old)
		}
		_, err := session.Unmarshal([]byte(text))
		broken, ok := errors.AsType[*session.FileError](err)
		if !ok {
			t.Errorf("%s: got %v, want a *FileError", c.name, err)
			continue
		}
		if !strings.HasPrefix(broken.Place, c.place) || !strings.Contains(broken.Problem, c.problem) {
			t.Errorf("%s: got %q, %q, want %q, %q", c.name, broken.Place, broken.Problem, c.place, c.problem)
		}
		key := sessiontest.Sample().Keys[2].Auth.Bytes()
		if leak(err.Error(), key[:]) != "" {
			t.Errorf("%s: the error shows the key: %v", c.name, err)
		}
	}
}

// A file that ends too early says where it ends, wherever that is.
func TestATruncatedSessionIsRefused(t *testing.T) {
	good := bytes.TrimSpace(marshal(t, sessiontest.Sample()))
	for n := range good {
		if _, err := session.Unmarshal(good[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are taken for a session", n, len(good))
		}
	}
}

func TestWhatIsNoSessionIsNotMarshalled(t *testing.T) {
	d := sessiontest.Sample()
	d.Home = -1
	if _, err := session.Marshal(d); err == nil || !strings.Contains(err.Error(), "home") {
		t.Errorf("got %v, want an error about home", err)
	}
}

// Whatever is read can be stored, and then reads the same.
func FuzzUnmarshal(f *testing.F) {
	f.Add(marshal(f, sessiontest.Sample()))
	f.Add(marshal(f, session.Data{}))
	f.Add([]byte(`{"format":"telekey session","version":1,"keys":{"2":null},"network":null}`))
	f.Add([]byte("{\"format\":\"telekey session\",\"version\":1,\"user\":{\"id\":1,\"first_name\":\"\xff\"}}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := session.Unmarshal(b)
		if err != nil {
			if _, ok := errors.AsType[*session.FileError](err); !ok {
				t.Errorf("got %T, want a *FileError: %v", err, err)
			}
			return
		}
		stored, err := session.Marshal(d)
		if err != nil {
			if len(b) > session.MaxSize/8 {
				return // the stored form may be longer than the text read
			}
			t.Fatalf("read, and cannot be stored: %v", err)
		}
		again, err := session.Unmarshal(stored)
		if err != nil {
			t.Fatalf("stored, and cannot be read: %v\n%s", err, stored)
		}
		if twice := marshal(t, again); !bytes.Equal(twice, stored) {
			t.Errorf("stored once it is\n%s\nand twice\n%s", stored, twice)
		}
	})
}

func marshal(t testing.TB, d session.Data) []byte {
	t.Helper()
	b, err := session.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
