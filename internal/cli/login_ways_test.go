package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
)

// codeIn waits for a QR code in a file and reads it.
func (s *stage) codeIn(file string) (link string) {
	s.t.Helper()
	for s.t.Context().Err() == nil {
		svg, err := os.ReadFile(file)
		if err == nil {
			link := read(s.t, develop(s.t, svg))
			s.secrets = append(s.secrets, link)
			return link
		}
		if !errors.Is(err, fs.ErrNotExist) {
			s.t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	return ""
}

// beside types a command line, and goes on while it runs.
func (s *stage) beside(args ...string) <-chan result {
	in := *s
	in.secrets = nil
	done := make(chan result, 1)
	go func() { done <- in.run(args...) }()
	return done
}

func TestAnotherDeviceAcceptsTheQRCodeOfAFile(t *testing.T) {
	s := newStage(t)
	s.login(s.path("old"))
	file := s.path("code.svg")
	login := s.beside("login", "--json", "--qr-svg", file, "--network", s.network, "--session", s.path("new"))
	link := s.codeIn(file)
	if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file of mode 0600", info.Mode(), err)
	}
	s.in = strings.NewReader(link + "\n")
	if got := s.as("old", "devices", "accept", "-", "--json").done(); !strings.Contains(got, `"id":"`) {
		t.Errorf("got %q, want the new login", got)
	}
	r := <-login
	s.keeps(r.out + r.err)
	if got := r.user(); got.FirstName != "Ann" {
		t.Errorf("got %+v, want Ann", got)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want the file gone", err)
	}
	s.as("old", "devices", "accept", link).fails(3, "AUTH_TOKEN")
	s.as("old", "devices", "accept", "tg://login?token=!").fails(2, "got a token that cannot be read")
}

// Two-step verification, at another data centre.
func TestAQRCodeLeadsHomeAndToThePassword(t *testing.T) {
	s := newStage(t)
	const evesNumber = "+9996630007"
	if err := s.server.AddUser(emulator.User{Phone: evesNumber, FirstName: "Eve", Password: beasPassword, DC: 3}); err != nil {
		t.Fatal(err)
	}
	for name, last := range map[string][]string{"lost": nil, "eve": {"--password-file", s.write("password", beasPassword)}} {
		file := s.path(name + ".svg")
		login := s.beside(append([]string{"login", "--json", "--qr-svg", file, "--network", s.network, "--session", s.path(name)}, last...)...)
		if err := s.server.AcceptLogin(evesNumber, s.codeIn(file)); err != nil {
			t.Fatal(err)
		}
		r := <-login
		if last == nil {
			if e := r.failsAsJSON(2); e.Type != "UNANSWERED" {
				t.Errorf("got %+v, want UNANSWERED", e)
			}
			continue
		}
		if got := r.user(); got.FirstName != "Eve" || got.DC != 3 {
			t.Errorf("got %+v, want Eve in data centre 3", got)
		}
	}
}

func TestAQRCodeNeedsAPlace(t *testing.T) {
	s := newStage(t)
	s.run("login", "--qr", "--network", s.network, "--session", s.path("s")).fails(2, "--qr-svg")
	s.run("login", "--qr-svg", s.path("missing/code.svg"), "--network", s.network, "--session", s.path("s")).fails(2, "--qr-svg")
}

func TestAFreshQRCodeTakesTheOldOnesPlace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "code.svg")
	screen := (&program{err: io.Discard}).qrScreen(file, nil)
	for _, link := range []auth.QRLink{auth.LoginLink("tg://login?token=first"), auth.LoginLink("tg://login?token=second")} {
		if answer, err := screen.Ask(t.Context(), auth.ShowQR{Link: link}); answer != nil || err != nil {
			t.Fatalf("got %v, %v, want it shown", answer, err)
		}
		svg, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, develop(t, svg)); got != link.Reveal() {
			t.Errorf("got %q, want %q", got, link.Reveal())
		}
	}
	if err := errors.Join(screen.remove(), screen.remove()); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 0 {
		t.Errorf("got %v left over", left)
	}
}

func TestAnInterruptTakesTheQRCodeAway(t *testing.T) {
	s := newStage(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	file := s.path("code.svg")
	code := make(chan int)
	go func() {
		code <- Main(ctx, []string{"login", "--qr-svg", file, "--network", s.network, "--session", s.path("s")}, s.env, s.in, io.Discard, io.Discard)
	}()
	s.codeIn(file)
	interrupt()
	if code := <-code; code != 1 {
		t.Errorf("got exit code %d, want 1", code)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want the file gone", err)
	}
}

func TestBotsSignInByTheirToken(t *testing.T) {
	s := newStage(t)
	bot, err := s.server.AddBot(emulator.Bot{Name: "Echo", DC: 3})
	if err != nil {
		t.Fatal(err)
	}
	token := string(bot.Token)
	s.secrets = append(s.secrets, token)
	login := []string{"login", "--json", "--network", s.network, "--bot-token-file"}
	file := s.write("token", token+"\n")
	if got := s.run(append(login, file, "--session", s.path("bot"))...).user(); got.ID != bot.ID || got.FirstName != "Echo" || got.DC != 3 {
		t.Errorf("got %+v, want the bot at its home", got)
	}
	s.in = strings.NewReader(token)
	if got := s.run(append(login, "-", "--session", s.path("again"))...).user(); got.ID != bot.ID {
		t.Errorf("got %+v, want the bot", got)
	}
	if _, err := s.server.RevokeBot(bot.ID); err != nil {
		t.Fatal(err)
	}
	if e := s.run(append(login, file, "--session", s.path("late"))...).failsAsJSON(3); e.Type != "ACCESS_TOKEN_EXPIRED" {
		t.Errorf("got %+v, want ACCESS_TOKEN_EXPIRED", e)
	}
	if e := s.run(append(login, s.write("wrong", wrongSecret), "--session", s.path("late"))...).failsAsJSON(3); e.Type != "ACCESS_TOKEN_INVALID" {
		t.Errorf("got %+v, want ACCESS_TOKEN_INVALID", e)
	}
}

func TestAWebTokenSignsIn(t *testing.T) {
	s := newStage(t)
	token, err := s.server.NewWebToken(annsNumber)
	if err != nil {
		t.Fatal(err)
	}
	s.secrets = append(s.secrets, string(token))
	file := s.write("token", string(token))
	login := []string{"login", "--json", "--network", s.network, "--web-token-file", file, "--session"}
	if got := s.run(append(login, s.path("web"))...).user(); got.FirstName != "Ann" {
		t.Errorf("got %+v, want Ann", got)
	}
	if e := s.run(append(login, s.path("late"))...).failsAsJSON(3); *e.Code != 400 {
		t.Errorf("got %+v, want that it is good once", e)
	}
	if token, err = s.server.NewWebToken(annsNumber); err != nil {
		t.Fatal(err)
	}
	s.write("token", string(token))
	s.server.FastForward(time.Hour)
	if e := s.run(append(login, s.path("late"))...).failsAsJSON(3); !strings.HasSuffix(e.Type, "TOKEN_EXPIRED") {
		t.Errorf("got %+v, want that it is too old", e)
	}
}

func TestAPasskeyIsMadeListedUsedAndRemoved(t *testing.T) {
	s := newStage(t)
	s.addBea()
	s.run("login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code", "22222", "--password", beasPassword).done()
	file := s.path("bea.passkeys")
	var made passkeyJSON
	decode(t, s.as("bea", "passkey", "add", file, "--json").done(), &made)
	if info, err := os.Stat(file); err != nil || made.ID == "" || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Fatalf("got %+v, %v, want a passkey in a file of mode 0600", made, err)
	}
	s.as("bea", "passkey", "add", file).fails(1, "already")
	var list []passkeyJSON
	decode(t, s.as("bea", "passkey", "list", "--json").done(), &list)
	if len(list) != 1 || list[0] != made {
		t.Errorf("got %+v, want %+v alone", list, made)
	}

	login := []string{"login", "--json", "--network", s.network, "--passkey", file, "--session"}
	if e := s.run(append(login, s.path("half"))...).failsAsJSON(2); !strings.Contains(e.Message, "--password-file") {
		t.Errorf("got %+v, want the password asked for", e)
	}
	login = append(login, s.path("new"), "--password-file", s.write("password", beasPassword))
	if got := s.run(login...).user(); got.FirstName != "Bea" {
		t.Errorf("got %+v, want Bea", got)
	}
	if got := s.as("bea", "passkey", "list").done(); !strings.Contains(got, "last used") {
		t.Errorf("got %q, want when it was used", got)
	}

	if got := s.as("bea", "passkey", "remove", made.ID, "--json").done(); got != "{\"removed\":true}\n" {
		t.Errorf("got %q", got)
	}
	if e := s.run("login", "--json", "--network", s.network, "--passkey", file, "--session", s.path("late")).failsAsJSON(3); e.Type != "PASSKEY_CREDENTIAL_NOT_FOUND" {
		t.Errorf("got %+v, want PASSKEY_CREDENTIAL_NOT_FOUND", e)
	}
	s.as("bea", "passkey", "remove", made.ID, "--passkey", file).fails(3, "PASSKEY_CREDENTIAL_NOT_FOUND")
	if got := s.as("bea", "passkey", "list", "--json").done(); got != "[]\n" {
		t.Errorf("got %q, want none", got)
	}
}

func TestARemovedPasskeyLeavesItsFile(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	file := s.path("ann.passkeys")
	var made passkeyJSON
	decode(t, s.as("ann", "passkey", "add", file, "--json").done(), &made)
	s.as("ann", "passkey", "remove", made.ID, "--passkey", file).done()
	if e := s.run("login", "--json", "--network", s.network, "--passkey", file, "--session", s.path("late")).failsAsJSON(1); e.Type != "NO_PASSKEY" {
		t.Errorf("got %+v, want NO_PASSKEY", e)
	}
	s.run("login", "--network", s.network, "--passkey", s.write("broken", "{"), "--session", s.path("late")).fails(2, "--passkey")
}
