package emulator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASeedNamesItsUsers(t *testing.T) {
	users, err := ParseSeed([]byte(`{"users":[
		{"phone":"+9996620001","first_name":"Ann","last_name":"","password":"secret","hint":"not public","dc":2},
		{"phone":"15550001111"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []User{
		{Phone: "+9996620001", FirstName: "Ann", Password: "secret", Hint: "not public", DC: 2},
		{Phone: "15550001111"},
	}
	if len(users) != 2 || users[0] != want[0] || users[1] != want[1] {
		t.Errorf("got %v, want %v", users, want)
	}
	if users, err := ParseSeed([]byte(`{"users":[]}`)); err != nil || len(users) != 0 {
		t.Errorf("got %v, %v; want nobody", users, err)
	}
}

func TestAMistakeInASeedIsNamedWithItsPlace(t *testing.T) {
	for seed, want := range map[string]string{
		``:                                 "the text ends too early",
		`{"users":[`:                       "the text ends too early",
		`{"users":{}}`:                     "users: got a JSON object",
		`[]`:                               "got a JSON array, want an object",
		`{}`:                               `got no "users"`,
		`{"users":[]} x`:                   "behind the end",
		`{"users":[],}`:                    "not JSON at byte",
		`{"user":[]}`:                      `there is no field "user"`,
		`{"users":["+9996620001"]}`:        "users[0]: got a JSON string, want an object",
		`{"users":[{}]}`:                   `users[0]: phone: got "", want 5 to 15 digits`,
		`{"users":[{"phone":9996620001}]}`: "users[0]: phone: got a JSON number",
		`{"users":[{"phone":"15550001111"},{"phone":"15550001111","passwort":"secret"}]}`:                       `users[1]: there is no field "passwort"`,
		`{"users":[{"phone":"9996620001","dc":"2"}]}`:                                                           "users[0]: dc: got a JSON string",
		`{"users":[{"phone":"9996620001","hint":"h"}]}`:                                                         "users[0]: hint: got one without a password",
		`{"users":[{"phone":"9996620001","password":"secret","first_name":"` + strings.Repeat("n", 65) + `"}]}`: "users[0]: first_name",
	} {
		_, err := ParseSeed([]byte(seed))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "seed: ") {
			t.Errorf("%s: got %v, want an error with %q", seed, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "Go ")) {
			t.Errorf("%s: the error says too much: %v", seed, err)
		}
	}
}

func TestASeedIsReadFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(`{"users":[{"phone":"+9996620001"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if users, err := ReadSeed(path); err != nil || len(users) != 1 {
		t.Errorf("got %v, %v", users, err)
	}
	if _, err := ReadSeed(path + ".not"); err == nil || !strings.Contains(err.Error(), "seed.json.not") {
		t.Errorf("got %v, want the file's name", err)
	}
	if err := os.WriteFile(path, []byte(`{"users":[{}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSeed(path); err == nil || !strings.Contains(err.Error(), "seed.json: seed: users[0]") {
		t.Errorf("got %v, want the file's name and the place", err)
	}
}

func FuzzParseSeed(f *testing.F) {
	f.Add([]byte(`{"users":[{"phone":"+9996620001","first_name":"Ann","dc":2}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		users, err := ParseSeed(data)
		for _, u := range users {
			if _, ok := parsePhone(u.Phone); !ok || err != nil {
				t.Errorf("got %v and %v", u, err)
			}
		}
	})
}
