package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/telekey/telekey/emulator"
)

// maxWait is how long a request may wait for a code.
const maxWait = time.Minute

// getCodes answers GET /v1/codes: the codes after one, once there are some.
func getCodes(a *api, r *http.Request) (any, error) {
	given, err := parameters(r, "phone", "wait", "after")
	if err != nil {
		return nil, err
	}
	var wait time.Duration
	if text, ok := given["wait"]; ok {
		if wait, err = time.ParseDuration(text); err != nil || wait < 0 || wait > maxWait {
			return nil, fmt.Errorf(`wait: got %q, want a time like "10s", at most %v`, text, maxWait)
		}
	}
	after := 0
	if text, ok := given["after"]; ok {
		if after, err = strconv.Atoi(text); err != nil || after < 0 {
			return nil, fmt.Errorf("after: got %q, want the id of a code", text)
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	codes, err := a.emulator.WaitCodes(ctx, given["phone"], after)
	switch {
	case a.life.Err() != nil:
		return nil, emulator.ErrClosed
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled): // it came to nothing
		return []emulator.Code{}, nil
	case err != nil:
		return nil, err
	}
	for i := range codes {
		codes[i].SentAt, codes[i].ExpiresAt = codes[i].SentAt.UTC(), codes[i].ExpiresAt.UTC()
	}
	return codes, nil
}

// getUsers answers GET /v1/users: all accounts.
func getUsers(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	return append([]emulator.User{}, a.emulator.Users()...), nil
}

// getUser answers GET /v1/users/{phone}: one of them.
func getUser(a *api, r *http.Request) (any, error) {
	phone := r.PathValue("phone")
	u, ok := a.emulator.User(phone)
	if !ok {
		return nil, refuse(http.StatusNotFound, "not_found", "phone: got %q, which has no account", phone)
	}
	return u, nil
}

// addUser answers POST /v1/users: a new account.
func addUser(a *api, r *http.Request) (any, error) {
	var u emulator.User
	if err := decode(r, &u); err != nil {
		return nil, err
	}
	err := a.emulator.AddUser(u)
	if errors.Is(err, emulator.ErrUserExists) {
		return nil, refuse(http.StatusConflict, "exists", "phone: got %q: %v", u.Phone, emulator.ErrUserExists)
	}
	if err != nil {
		return nil, err
	}
	u, _ = a.emulator.User(u.Phone)
	return u, nil
}

// getRules answers GET /v1/rules: all rules, with what they have done.
func getRules(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	return append([]emulator.Rule{}, a.emulator.Rules()...), nil
}

// addRule answers POST /v1/rules: a new rule.
func addRule(a *api, r *http.Request) (any, error) {
	var rule emulator.Rule
	if err := decode(r, &rule); err != nil {
		return nil, err
	}
	id, err := a.emulator.AddRule(rule)
	if err != nil {
		return nil, err
	}
	for _, r := range a.emulator.Rules() {
		if r.ID == id {
			return r, nil
		}
	}
	rule.ID = id // somebody was quick to remove it
	return rule, nil
}

// clearRules answers DELETE /v1/rules.
func clearRules(a *api, _ *http.Request) (any, error) {
	a.emulator.ClearRules()
	return nil, nil
}

// removeRule answers DELETE /v1/rules/{id}.
func removeRule(a *api, r *http.Request) (any, error) {
	text := r.PathValue("id")
	id, err := strconv.Atoi(text)
	if err != nil || !a.emulator.RemoveRule(emulator.RuleID(id)) {
		return nil, refuse(http.StatusNotFound, "not_found", "id: got %q, which is no rule's", text)
	}
	return nil, nil
}

// advanceClock answers POST /v1/clock/advance: what the account clock shows now.
func advanceClock(a *api, r *http.Request) (any, error) {
	var given struct {
		By string `json:"by"`
	}
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(given.By)
	if err != nil || by <= 0 || by > emulator.MaxAhead {
		return nil, fmt.Errorf(`by: got %q, want a time like "1h30m", at most %v`, given.By, emulator.MaxAhead)
	}
	was := a.emulator.Clock()
	a.emulator.FastForward(by)
	now := a.emulator.Clock()
	switch {
	case now.IsZero():
		return nil, emulator.ErrClosed
	case now.Sub(was) < by:
		return nil, refuse(http.StatusConflict, "end_of_time",
			"by: the clock has come to its end, which is %v from now; start a new emulator", emulator.MaxAhead)
	}
	return map[string]time.Time{"now": now.UTC()}, nil
}

// getNetwork answers GET /v1/network: the network file.
func getNetwork(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	n := a.emulator.Network()
	n.Control = a.url
	return n, nil
}

// getHealth answers GET /v1/health.
func getHealth(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	if a.emulator.Clock().IsZero() {
		return nil, emulator.ErrClosed
	}
	return map[string]string{"status": "ok"}, nil
}
