package emulator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestASeedNamesItsUsers(t *testing.T) {
	seed, err := ParseSeed([]byte(`{"users":[
		{"phone":"+9996620001","first_name":"Ann","last_name":"","password":"secret","hint":"not public","dc":2},
		{"phone":"15550001111"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []User{
		{Phone: "+9996620001", FirstName: "Ann", Password: "secret", Hint: "not public", DC: 2},
		{Phone: "15550001111"},
	}
	if !reflect.DeepEqual(seed.Users, want) {
		t.Errorf("got %v, want %v", seed.Users, want)
	}
	if seed, err := ParseSeed([]byte(`{"users":[]}`)); err != nil || len(seed.Users) != 0 {
		t.Errorf("got %v, %v; want nobody", seed, err)
	}
}

func TestASeedHasRules(t *testing.T) {
	seed, err := ParseSeed([]byte(`{"rules":[
		{"method":"auth.sendCode","nth":1,"do":"error","code":420,"message":"FLOOD_WAIT_3"},
		{"step":"req_pq","dc":2,"do":"delay","delay":"1.5s"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Rule{
		{Method: "auth.sendCode", Nth: 1, Do: "error", Code: 420, Message: "FLOOD_WAIT_3"},
		{Step: "req_pq", DC: 2, Do: "delay", Delay: 1500 * time.Millisecond},
	}
	if !slices.Equal(seed.Rules, want) {
		t.Errorf("got %+v, want %+v", seed.Rules, want)
	}
	if s := running(t, Config{Rules: seed.Rules}); len(s.Rules()) != 2 {
		t.Errorf("got %+v, want both rules at work", s.Rules())
	}
}

func TestAMistakeInASeedIsNamedWithItsPlace(t *testing.T) {
	for seed, want := range map[string]string{
		``:               "the text ends too early",
		`{"users":[`:     "the text ends too early",
		`{"users":{}}`:   "users: got a JSON object",
		`[]`:             "got a JSON array, want an object",
		`{}`:             `got nothing, want "users"`,
		`{"users":[]} x`: "behind the end",
		`{"users":[],}`:  "not JSON at byte",
		`{"user":[]}`:    `there is no field "user"`,
		`{"users":[],"rules":[{"method":"auth.sendCod","do":"cut"}]}`:                                           `rules[0]: method: there is no "auth.sendCod"`,
		`{"rules":[{"method":"*","do":"cut"},{"method":"*","nth":"1"}]}`:                                        "rules[1]: nth: got a JSON string",
		`{"rules":[{"method":"*","do":"cut","if":1}]}`:                                                          `rules[0]: there is no field "if"`,
		`{"users":["+9996620001"]}`:                                                                             "users[0]: got a JSON string, want an object",
		`{"users":[{}]}`:                                                                                        `users[0]: phone: got ""`,
		`{"users":[{"phone":9996620001}]}`:                                                                      "users[0]: phone: got a JSON number",
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

func TestAUserInJSONHasNoPassword(t *testing.T) {
	u := User{Phone: ann, FirstName: "Ann", Password: "correct horse", Hint: "h", DC: 2}
	b, err := json.Marshal(u)
	want := `{"phone":"+9996620001","first_name":"Ann","last_name":"","has_password":true,"hint":"h","dc":2}`
	if err != nil || string(b) != want {
		t.Errorf("got %s, %v; want %s", b, err, want)
	}
}

func TestASeedIsReadFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(`{"users":[{"phone":"+9996620001"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if seed, err := ReadSeed(path); err != nil || len(seed.Users) != 1 {
		t.Errorf("got %v, %v", seed, err)
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
		seed, err := ParseSeed(data)
		for _, u := range seed.Users {
			if _, ok := parsePhone(u.Phone); !ok || err != nil {
				t.Errorf("got %v and %v", u, err)
			}
		}
	})
}

func TestASeedMaySayNothingButHowToSignUp(t *testing.T) {
	for _, text := range []string{`{"sign_up":"forbidden"}`, `{"min_age":16}`} {
		if _, err := ParseSeed([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
