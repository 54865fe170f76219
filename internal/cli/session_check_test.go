package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/telekey/telekey/emulator"
)

type standingJSON struct {
	SignedIn bool   `json:"signed_in"`
	Reason   string `json:"reason"`
	User     int64  `json:"user_id"`
	Frozen   *struct {
		Since  string `json:"since"`
		Until  string `json:"until"`
		Appeal string `json:"appeal"`
	} `json:"frozen"`
}

// check types telekey session check, and expects an exit code.
func (s *stage) check(session string, code int) (standing standingJSON) {
	s.t.Helper()
	r := s.run("session", "check", "--json", "--network", s.network, "--session", s.path(session))
	if r.code != code || r.err != "" {
		s.t.Errorf("got exit code %d, %q, want %d and no complaint", r.code, r.err, code)
	}
	decode(s.t, r.out, &standing)
	return standing
}

func TestCheckSaysWhyNobodyIsSignedIn(t *testing.T) {
	s := newStage(t)
	s.addBea()
	if got := s.check("new", 6); got.Reason != "never signed in" {
		t.Errorf("got %+v", got)
	}
	s.login(s.path("ann"))
	if got := s.check("ann", 0); !got.SignedIn || got.Reason != "" || got.User != s.server.Users()[0].ID {
		t.Errorf("got %+v, want Ann", got)
	}
	s.as("ann", "logout").done()
	if got := s.check("ann", 6); got.Reason != "logged out here" {
		t.Errorf("got %+v", got)
	}
	s.run("login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code", "22222").fails(2)
	if got := s.check("bea", 6); got.Reason != "password pending" {
		t.Errorf("got %+v", got)
	}
	for ending, reason := range map[emulator.Ending]string{
		emulator.Revoked: "ended elsewhere", emulator.Expired: "expired", emulator.Duplicated: "duplicated",
		emulator.Unregistered: "ended elsewhere",
	} {
		s.login(s.path(string(ending)))
		if _, err := s.server.EndSessions(annsNumber, ending); err != nil {
			t.Fatal(err)
		}
		if got := s.check(string(ending), 6); got.SignedIn || got.Reason != reason {
			t.Errorf("%s: got %+v, want %s", ending, got, reason)
		}
	}
	s.login(s.path("banned"))
	if _, err := s.server.EndSessions(annsNumber, emulator.Banned); err != nil {
		t.Fatal(err)
	}
	if got := s.check("banned", 6); got.Reason != "banned" {
		t.Errorf("got %+v", got)
	}
}

func TestCheckTellsAServerThatDoesNotKnowTheKey(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	again, err := emulator.Start(emulator.Config{}) // with the same RSA key, which is the process's
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	s.network = s.write("again.json", again.Network())
	if got := s.check("ann", 6); got.Reason != "key unknown" {
		t.Errorf("got %+v", got)
	}
}

// Anybody on the route can send -404: it is no answer about the login.
func TestCheckTakesADenialThatIsNotProvedForNoAnswer(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	before, err := os.ReadFile(s.path("ann"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.server.AddRule(emulator.Rule{Frame: 1, Do: "transport_error", Code: -404})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"session", "check"}, {"logout"}} {
		if e := s.as("ann", append(command, "--json")...).failsAsJSON(4); e.Type != "NETWORK" || !strings.Contains(e.Message, "could not be proved") {
			t.Errorf("%v: got %+v, want NETWORK, and that the answer could not be proved", command, e)
		}
	}
	s.server.RemoveRule(id)
	if after, err := os.ReadFile(s.path("ann")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the session's file has changed (%v)", err)
	}
	if got := s.check("ann", 0); !got.SignedIn {
		t.Errorf("got %+v, want Ann signed in", got)
	}
}

func TestAFrozenAccountHasItsExitCode(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	if err := s.server.SetFrozen(annsNumber, &emulator.Frozen{}); err != nil {
		t.Fatal(err)
	}
	if got := s.check("ann", 7); !got.SignedIn || got.Frozen == nil || got.Frozen.Since == "" || got.Frozen.Appeal == "" {
		t.Errorf("got %+v, want since when it is frozen, and where to appeal", got)
	}
	if e := s.as("ann", "account", "ttl", "90", "--json").failsAsJSON(7); e.Type != "FROZEN_METHOD_INVALID" {
		t.Errorf("got %+v, want FROZEN_METHOD_INVALID", e)
	}
}
