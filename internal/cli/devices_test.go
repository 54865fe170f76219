package cli

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
)

// devicesOf is what telekey devices list prints.
func (s *stage) devicesOf(session string) (devices []auth.Device) {
	s.t.Helper()
	decode(s.t, s.as(session, "devices", "list", "--json").done(), &devices)
	return devices
}

// another is the other login of the account.
func (s *stage) another(session string) auth.Device {
	s.t.Helper()
	devices := s.devicesOf(session)
	i := slices.IndexFunc(devices, func(d auth.Device) bool { return !d.Current })
	if i < 0 {
		s.t.Fatalf("got %+v, want another device", devices)
	}
	return devices[i]
}

func TestDevicesAreListedConfirmedAndEnded(t *testing.T) {
	s := newStage(t)
	s.login(s.path("old"))
	s.server.FastForward(25 * time.Hour)
	s.login(s.path("new"))
	devices := s.devicesOf("old")
	if len(devices) != 2 || !devices[0].Current || devices[0].ID != 0 || devices[0].AppVersion == "" {
		t.Fatalf("got %+v, want two devices, this one first", devices)
	}
	if got := s.as("old", "devices", "list").done(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "(this login)") {
		t.Errorf("got %q, want a line for each, and which is this one", got)
	}

	e := s.as("new", "devices", "end", "--json", "--others").failsAsJSON(3)
	if until, err := time.Parse(time.RFC3339, e.Until); err != nil || e.Type != "FRESH_RESET_AUTHORISATION_FORBIDDEN" || until.Sub(s.server.Clock()) < 23*time.Hour {
		t.Errorf("got %+v, want that this login is too new, and until when", e)
	}
	other := s.another("old")
	id := strconv.FormatInt(int64(other.ID), 10)
	if got := s.as("old", "devices", "confirm", id, "--json").done(); !other.Unconfirmed || got != "{\"confirmed\":true}\n" {
		t.Errorf("got %+v and %q, want it to be confirmed now", other, got)
	}
	if s.another("old").Unconfirmed {
		t.Error("it is still not confirmed")
	}
	if got := s.as("old", "devices", "end", id, "--json").done(); got != "{\"ended\":true}\n" {
		t.Errorf("got %q", got)
	}
	if len(s.devicesOf("old")) != 1 {
		t.Error("the other device is still there")
	}
	s.as("new", "whoami").fails(6)
	s.as("old", "devices", "end", id).fails(3, "HASH_INVALID")
	s.as("old", "devices", "confirm", id).fails(3, "HASH_INVALID")

	s.login(s.path("third"))
	s.as("old", "devices", "end", "--others").done()
	s.as("third", "whoami").fails(6)
	for _, wrong := range [][]string{{"end"}, {"end", id, "--others"}, {"end", "seven"}, {"end", "0"}, {"confirm", "seven"}} {
		s.as("old", append([]string{"devices"}, wrong...)...).fails(2, "telekey devices list")
	}
}

func TestDaysAreSaidAndSet(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	s.server.FastForward(25 * time.Hour)
	for _, what := range []string{"devices", "account"} {
		s.as("ann", what, "ttl").done()
		if got := s.as("ann", what, "ttl", "90", "--json").done(); got != "{\"days\":90}\n" {
			t.Errorf("%s: got %q", what, got)
		}
		if got := s.as("ann", what, "ttl", "--json").done(); got != "{\"days\":90}\n" {
			t.Errorf("%s: got %q, want what was set", what, got)
		}
		s.as("ann", what, "ttl", "soon").fails(2, "want a number of days")
		s.as("ann", what, "ttl", "100000").fails(3, "TTL_DAYS_INVALID")
	}
}

func TestWebLoginsAreListedAndEnded(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	for _, domain := range []string{"one.example", "two.example"} {
		if err := s.server.AddWebLogin(emulator.WebLogin{Phone: annsNumber, Domain: domain}); err != nil {
			t.Fatal(err)
		}
	}
	list := func() (logins []auth.WebLogin) {
		decode(t, s.as("ann", "devices", "list", "--web", "--json").done(), &logins)
		return logins
	}
	logins := list()
	if len(logins) != 2 {
		t.Fatalf("got %+v, want two", logins)
	}
	if got := s.as("ann", "devices", "list", "--web").done(); !strings.Contains(got, "one.example") {
		t.Errorf("got %q, want the site in it", got)
	}
	id := strings.TrimSpace(s.as("ann", "devices", "list", "--web").done())
	id, _, _ = strings.Cut(id, ":")
	s.as("ann", "devices", "end", "--web", id).done()
	s.as("ann", "devices", "end", "--web", id).fails(3, "HASH_INVALID")
	s.as("ann", "devices", "end", "--web", "--others").done()
	if left := list(); len(left) != 0 {
		t.Errorf("got %+v, want none left", left)
	}
}

func TestIDsMayBeginWithAMinusSign(t *testing.T) {
	for typed, want := range map[string]string{
		"devices end -15 --json":         "devices end --json -- -15",
		"--json devices end --web -12 x": "--json devices end --web x -- -12",
		"devices end -- -12":             "devices end -- -12",
		"devices end -h":                 "devices end -h",
		"passkey remove -aB_":            "passkey remove -- -aB_",
		"call -12":                       "call -12",
	} {
		if got := strings.Join(idsLast(strings.Fields(typed)), " "); got != want {
			t.Errorf("%s: got %s, want %s", typed, got, want)
		}
	}
}
