package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/telekey/telekey/internal/strictjson"
)

// Seed is what a Server begins with, as a seed file says it:
//
//	{"users":[{"phone":"+9996620001","first_name":"Ann","last_name":"",
//	           "password":"secret","hint":"not public","dc":2}],
//	 "bots":[{"token":"123456:ABC-DEF","name":"Echo","username":"echo_bot","dc":2}],
//	 "web_logins":[{"phone":"+9996620001","domain":"example.org"}],
//	 "rules":[{"method":"auth.sendCode","nth":1,
//	           "do":"error","code":420,"message":"FLOOD_WAIT_3"}]}
//
// "sign_up" and "min_age" may stand beside them, see [Config]. Any list may be
// missing. Of a user only the phone is needed, and of a bot nothing; what else
// there may be is said at [User] and [Bot], and what rules are at [Rule]. A field
// that is not known is an error: it is most likely a mistake of typing.
type Seed struct {
	Users     []User
	Bots      []Bot
	WebLogins []WebLogin
	Rules     []Rule

	SignUp SignUp
	MinAge int
}

// maxSeed bounds a seed file, in bytes.
const maxSeed = 16 << 20

// ReadSeed reads the seed file of that name, for [Config].
func ReadSeed(path string) (Seed, error) {
	f, err := os.Open(path)
	if err != nil {
		return Seed{}, fmt.Errorf("seed: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSeed+1))
	if err != nil {
		return Seed{}, fmt.Errorf("seed: %w", err)
	}
	seed, err := ParseSeed(data)
	if err != nil {
		return Seed{}, fmt.Errorf("%s: %w", path, err)
	}
	return seed, nil
}

// ParseSeed reads a seed. Errors name the user or rule, the field and what is
// wrong with it, and never hold a password.
func ParseSeed(data []byte) (Seed, error) {
	if len(data) > maxSeed {
		return Seed{}, fmt.Errorf("seed: got more than %d bytes", maxSeed)
	}
	var lists struct {
		Users     []json.RawMessage `json:"users"`
		Bots      []json.RawMessage `json:"bots"`
		WebLogins []json.RawMessage `json:"web_logins"`
		Rules     []json.RawMessage `json:"rules"`

		SignUp SignUp `json:"sign_up"`
		MinAge int    `json:"min_age"`
	}
	if err := strictjson.Read(data, &lists); err != nil {
		return Seed{}, fmt.Errorf("seed: %w", err)
	}
	if lists.Users == nil && lists.Bots == nil && lists.WebLogins == nil && lists.Rules == nil && lists.SignUp == "" && lists.MinAge == 0 {
		return Seed{}, errors.New(`seed: got nothing, want "users", "bots", "web_logins", "rules", "sign_up" or "min_age"`)
	}
	// Which data centres there will be is not known yet.
	users, err := parseAll("users", lists.Users, func(u *User) error { _, err := u.check([]int{u.DC}); return err })
	if err != nil {
		return Seed{}, err
	}
	bots, err := parseAll("bots", lists.Bots, func(b *Bot) error { _, err := b.check([]int{b.DC}); return err })
	if err != nil {
		return Seed{}, err
	}
	logins, err := parseAll("web_logins", lists.WebLogins, (*WebLogin).check)
	if err != nil {
		return Seed{}, err
	}
	rules, err := parseAll("rules", lists.Rules, func(r *Rule) error { return r.check(nil) })
	if err != nil {
		return Seed{}, err
	}
	if err := errors.Join(lists.SignUp.check(), checkMinAge(lists.MinAge)); err != nil {
		return Seed{}, fmt.Errorf("seed: %w", err)
	}
	return Seed{Users: users, Bots: bots, WebLogins: logins, Rules: rules, SignUp: lists.SignUp, MinAge: lists.MinAge}, nil
}

// parseAll reads the items of a list and checks each.
func parseAll[T any](name string, raw []json.RawMessage, check func(*T) error) ([]T, error) {
	list := make([]T, len(raw))
	for i, data := range raw {
		err := json.Unmarshal(data, &list[i])
		if err == nil {
			err = check(&list[i])
		}
		if err != nil {
			return nil, fmt.Errorf("seed: %s[%d]: %w", name, i, err)
		}
	}
	return list, nil
}
