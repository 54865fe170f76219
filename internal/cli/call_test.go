package cli

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
)

func TestCallPrintsTheAnswerAsJSON(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	var near struct {
		Constructor string `json:"_"`
		Country     string `json:"country"`
		ThisDC      int    `json:"this_dc"`
		NearestDC   int    `json:"nearest_dc"`
	}
	decode(t, s.run("call", "help.getNearestDc", "--session", s.path("ann")).done(), &near)
	if near.Constructor != "nearestDc" || near.ThisDC != 2 {
		t.Errorf("got %+v, want data centre 2", near)
	}
	s.in = strings.NewReader(`{"id": [{"_": "inputUserSelf"}]}`)
	got := s.run("call", "users.getUsers", "-", "--session", s.path("ann")).done()
	if !strings.Contains(got, `"first_name":"Ann"`) || !strings.HasPrefix(got, "[") {
		t.Errorf("got %q, want a list with Ann", got)
	}
}

func TestCallTakesTheApplicationFromTheClient(t *testing.T) {
	s := newStage(t)
	got := s.run("call", "auth.sendCode", `{"phone_number":"`+annsNumber+`","settings":{"_":"codeSettings"}}`,
		"--network", s.network, "--session", s.path("s")).done()
	if !strings.Contains(got, `"phone_code_hash":`) || len(s.server.Codes(annsNumber)) != 1 {
		t.Errorf("got %q, want a code sent", got)
	}
}

func TestCallFindsMistakesBeforeAnythingIsSent(t *testing.T) {
	s := newStage(t)
	for _, c := range []struct{ method, params, words string }{
		{"help.getNothing", "", "help.getNothing"},
		{"nearestDc", "", "nearestDc"}, // a constructor
		{"users.getUsers", "{", "no JSON object"},
		{"users.getUsers", `{"id":7}`, "users.getUsers.id"},
		{"users.getFullUser", `{}`, "users.getFullUser.id"},
		{"users.getUsers", `{"id":[],"ids":[]}`, "ids"},
		{"auth.sendCode", `{"phone_number":"1"}`, "settings"},
	} {
		s.run("call", c.method, c.params, "--network", s.nowhere(), "--session", s.path("s")).fails(2, c.words)
	}
	s.in = strings.NewReader(strings.Repeat(" ", maxParameters+1))
	s.run("call", "help.getConfig", "-", "--network", s.nowhere(), "--session", s.path("s")).fails(2, "standard input")
}

func TestVersionSaysTheLayer(t *testing.T) {
	s := newStage(t)
	var v struct {
		Version, Go string
		Layer       int
	}
	decode(t, s.run("version", "--json").done(), &v)
	if v.Layer != tg.Layer || v.Version == "" || !strings.HasPrefix(v.Go, "go") {
		t.Errorf("got %+v, want layer %d", v, tg.Layer)
	}
}
