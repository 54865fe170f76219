package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// A seed is a JSON object that says which accounts to begin with:
//
//	{"users":[{"phone":"+9996620001","first_name":"Ann","last_name":"",
//	           "password":"secret","hint":"not public","dc":2}]}
//
// Only the phone is needed. Names are exact, and one that is not known is an
// error: it is most likely a mistake of typing.

// seedUser is a user in a seed.
type seedUser struct {
	Phone     string `json:"phone"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Password  string `json:"password"`
	Hint      string `json:"hint"`
	DC        int    `json:"dc"`
}

// maxSeed bounds a seed file, in bytes.
const maxSeed = 16 << 20

// ReadSeed reads the users in the seed file of that name, for [Config].
func ReadSeed(path string) ([]User, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSeed+1))
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	users, err := ParseSeed(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return users, nil
}

// ParseSeed reads the users in a seed. Errors name the user, the field and what
// is wrong with it, and never hold a password.
func ParseSeed(data []byte) ([]User, error) {
	if len(data) > maxSeed {
		return nil, fmt.Errorf("seed: got more than %d bytes", maxSeed)
	}
	var seed struct {
		Users []json.RawMessage `json:"users"`
	}
	if err := strictly(data, &seed); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	if seed.Users == nil {
		return nil, errors.New(`seed: got no "users", want a list of them`)
	}
	users := make([]User, len(seed.Users))
	for i, raw := range seed.Users {
		var u seedUser
		err := strictly(raw, &u)
		if err == nil {
			users[i] = User{Phone: u.Phone, FirstName: u.FirstName, LastName: u.LastName, Password: u.Password, Hint: u.Hint, DC: u.DC}
			_, err = users[i].check([]int{u.DC})
		}
		if err != nil {
			return nil, fmt.Errorf("seed: users[%d]: %w", i, err)
		}
	}
	return users, nil
}

// strictly reads one JSON value and nothing else.
func strictly(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return inPlainWords(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("got more behind the end")
	}
	return nil
}

// inPlainWords says an error of encoding/json without Go types.
func inPlainWords(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf("got a JSON %s, want an object", wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("%s: got a JSON %s", wrong.Field, wrong.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d: %w", syntax.Offset, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the text ends too early")
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("there is no field %s", field)
	}
	return err
}
