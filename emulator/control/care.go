package control

import (
	"net/http"

	"github.com/telekey/telekey/emulator"
)

// endSessions answers POST /v1/sessions/end: how many have ended.
func endSessions(a *api, r *http.Request) (any, error) {
	var given struct {
		Phone  string          `json:"phone"`
		Reason emulator.Ending `json:"reason"`
	}
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	n, err := a.emulator.EndSessions(given.Phone, given.Reason)
	if err != nil {
		return nil, err
	}
	return map[string]int{"ended": n}, nil
}

// addWebLogin answers POST /v1/weblogins: a website in an account's list.
func addWebLogin(a *api, r *http.Request) (any, error) {
	var l emulator.WebLogin
	if err := decode(r, &l); err != nil {
		return nil, err
	}
	return nil, a.emulator.AddWebLogin(l)
}
