package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/telekey/telekey/emulator"
)

// maxWait is how long a request may wait for a code.
const maxWait = time.Minute

// codeQuery selects codes.
type codeQuery struct {
	phone   string           // "": of all
	channel emulator.Channel // "": all
	after   int
	wait    time.Duration
}

// readCodeQuery reads the parameters of GET /v1/codes.
func readCodeQuery(r *http.Request) (q codeQuery, err error) {
	given, err := parameters(r, "phone", "wait", "after", "channel")
	if err != nil {
		return q, err
	}
	q.phone = given["phone"]
	if text, ok := given["wait"]; ok {
		if q.wait, err = time.ParseDuration(text); err != nil || q.wait < 0 || q.wait > maxWait {
			return q, fmt.Errorf(`wait: got %q, want a time like "10s", at most %v`, text, maxWait)
		}
	}
	if text, ok := given["after"]; ok {
		if q.after, err = strconv.Atoi(text); err != nil || q.after < 0 {
			return q, fmt.Errorf("after: got %q, want the id of a code", text)
		}
	}
	if text, ok := given["channel"]; ok {
		if q.channel = emulator.Channel(text); !q.channel.Valid() {
			return q, fmt.Errorf("channel: got %q, want that of a code, sms for instance", text)
		}
	}
	return q, nil
}

// getCodes answers GET /v1/codes: the codes after one, once there are some.
func getCodes(a *api, r *http.Request) (any, error) {
	q, err := readCodeQuery(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), q.wait)
	defer cancel()
	var codes []emulator.Code
	for len(codes) == 0 && err == nil {
		if codes, err = a.emulator.WaitCodes(ctx, q.phone, q.after); err == nil && q.channel != "" {
			q.after = codes[len(codes)-1].ID
			codes = slices.DeleteFunc(codes, func(c emulator.Code) bool { return c.Channel != q.channel })
		}
	}
	switch {
	case a.life.Err() != nil:
		return nil, emulator.ErrClosed
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled): // no code was sent
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
	if _, err := parameters(r); err != nil {
		return nil, err
	}
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

// changeUser answers PATCH /v1/users/{phone}: it changes all given fields or, if one
// is invalid, none.
func changeUser(a *api, r *http.Request) (any, error) {
	var given struct {
		Channels *[]emulator.Channel `json:"channels"`
		Frozen   json.RawMessage     `json:"frozen"` // null: it is not
	}
	phone := r.PathValue("phone")
	if _, ok := a.emulator.User(phone); !ok {
		return nil, refuse(http.StatusNotFound, "not_found", "phone: got %q, which has no account", phone)
	}
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	if given.Channels == nil && given.Frozen == nil {
		return nil, errors.New("channels, frozen: got neither, want one of them")
	}
	if given.Channels != nil {
		if err := emulator.CheckChannels(*given.Channels...); err != nil {
			return nil, err
		}
	}
	if given.Frozen != nil {
		var frozen *emulator.Frozen
		if err := json.Unmarshal(given.Frozen, &frozen); err != nil {
			return nil, err
		}
		if err := a.emulator.SetFrozen(phone, frozen); err != nil {
			return nil, err
		}
	}
	if given.Channels != nil {
		if err := a.emulator.SetChannels(phone, *given.Channels...); err != nil {
			return nil, err
		}
	}
	return getUser(a, r)
}

// payForCode answers POST /v1/users/{phone}/pay: how many codes were paid for. The
// number need not have an account.
func payForCode(a *api, r *http.Request) (any, error) {
	if err := decode(r, &struct{}{}); err != nil {
		return nil, err
	}
	paid, err := a.emulator.Pay(r.PathValue("phone"))
	if err != nil {
		return nil, err
	}
	return map[string]int{"paid": paid}, nil
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
	rule.ID = id // the rule has been removed already
	return rule, nil
}

// clearRules answers DELETE /v1/rules.
func clearRules(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	a.emulator.ClearRules()
	return nil, nil
}

// removeRule answers DELETE /v1/rules/{id}.
func removeRule(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	text := r.PathValue("id")
	id, err := strconv.Atoi(text)
	if err != nil || !a.emulator.RemoveRule(emulator.RuleID(id)) {
		return nil, refuse(http.StatusNotFound, "not_found", "id: got %q, which is no rule's", text)
	}
	return nil, nil
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
