package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/telekey/telekey/auth"
)

// person sits at a terminal and runs the command there.
type person struct {
	t        *testing.T
	keyboard *os.File // the other end of the terminal
	terminal *os.File
	seen     strings.Builder // on standard error
	answered int             // how much of it was answered
	errs     *io.PipeReader
	out      bytes.Buffer
	code     chan int
}

// sitDown runs a command on a terminal of its own.
func (s *stage) sitDown(ctx context.Context, args ...string) *person {
	s.t.Helper()
	p := &person{t: s.t, code: make(chan int, 1)}
	p.keyboard, p.terminal = openTerminal(s.t)
	errs, w := io.Pipe()
	p.errs = errs
	go func() {
		p.code <- Main(ctx, args, s.env, p.terminal, &p.out, w)
		w.Close()
	}()
	return p
}

// sees reads what the command says until a new question is at its end.
func (p *person) sees(question string) {
	p.t.Helper()
	next := make([]byte, 1)
	for !strings.HasSuffix(p.seen.String()[p.answered:], question) {
		if _, err := p.errs.Read(next); err != nil {
			p.t.Fatalf("got %q, want it to end in %q", p.seen.String(), question)
		}
		p.seen.Write(next)
	}
	p.answered = p.seen.Len()
}

func (p *person) types(line string) {
	p.t.Helper()
	if _, err := p.keyboard.WriteString(line + "\n"); err != nil {
		p.t.Fatal(err)
	}
}

// typesBlindly types at once, as programs do that answer prompts: the terminal has
// stopped showing what is typed before the question is there.
func (p *person) typesBlindly(line string) {
	p.t.Helper()
	if p.echoes() {
		p.t.Errorf("the terminal shows what is typed after %q", p.seen.String())
	}
	p.types(line)
}

func (p *person) waitsForEcho(on bool) {
	p.t.Helper()
	for range 10_000 {
		if p.echoes() == on {
			return
		}
		time.Sleep(time.Millisecond)
	}
	p.t.Fatalf("the terminal's echo never became %t", on)
}

// echoes says whether the terminal shows what is typed.
func (p *person) echoes() bool {
	var state syscall.Termios
	ioctl(p.t, p.terminal, syscall.TCGETS, unsafe.Pointer(&state))
	return state.Lflag&syscall.ECHO != 0
}

// leaves waits for the command to end, and returns what the terminal showed of
// what was typed.
func (p *person) leaves(code int) (shown string) {
	p.t.Helper()
	rest, _ := io.ReadAll(p.errs)
	p.seen.Write(rest)
	if got := <-p.code; got != code {
		p.t.Errorf("got exit code %d, want %d: %s", got, code, p.seen.String())
	}
	p.terminal.Close()
	screen, _ := io.ReadAll(p.keyboard) // ends with EIO, as terminals do
	return string(screen)
}

func TestATerminalIsAskedAndShowsNoPassword(t *testing.T) {
	s := newStage(t)
	s.addBea()
	p := s.sitDown(t.Context(), "login", "--json", "--network", s.network, "--session", s.path("bea"))
	p.sees("country code: ")
	p.types(beasNumber)
	p.sees("Code (5 digits): ")
	p.types("12345")
	p.sees("Code (5 digits): ")
	p.types("22222")
	p.sees("Password: ")
	p.typesBlindly(wrongSecret)
	p.sees("Password: ")
	p.typesBlindly(beasPassword)
	screen := p.leaves(0)
	if !strings.Contains(screen, beasNumber) {
		t.Errorf("got the screen %q, want the number on it", screen)
	}
	if all := screen + p.seen.String() + p.out.String(); strings.Contains(all, beasPassword) || strings.Contains(all, wrongSecret) {
		t.Errorf("got %q, want no password in it", all)
	}
	var u userJSON
	decode(t, p.out.String(), &u)
	if u.FirstName != "Bea" {
		t.Errorf("got %+v, want Bea", u)
	}
}

func TestALocalTelegramTellsItsCodesToWhoSitsThere(t *testing.T) {
	s := newStage(t)
	p := s.sitDown(t.Context(), "login", "--json", "--local", "--phone", "+4915112345678")
	p.sees("Code (5 digits): ")
	code := regexp.MustCompile(`\+4915112345678 the code (\d{5})\b`).FindStringSubmatch(p.seen.String())
	if code == nil {
		t.Fatalf("got %q, want the code in it", p.seen.String())
	}
	p.types(code[1])
	p.sees("(y/n): ")
	p.types("y")
	p.sees("First name: ")
	p.types("Fay")
	p.sees("(may be empty): ")
	p.types("")
	p.leaves(0)
	var u userJSON
	decode(t, p.out.String(), &u)
	if u.FirstName != "Fay" || u.Phone != "4915112345678" {
		t.Errorf("got %+v, want Fay", u)
	}
}

func TestAnInterruptedQuestionLeavesTheTerminalAsItWas(t *testing.T) {
	s := newStage(t)
	s.addBea()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	p := s.sitDown(ctx, "login", "--network", s.network, "--session", s.path("bea"), "--phone", beasNumber, "--code", "22222")
	p.sees("Password: ")
	p.waitsForEcho(false)
	interrupt()
	p.waitsForEcho(true)
	p.types("") // the read that nobody waits for
	p.leaves(1)
	if !strings.HasSuffix(p.seen.String(), "telekey: interrupted\n") || p.out.Len() > 0 {
		t.Errorf("got %q and %q, want it to say that it was interrupted", p.seen.String(), p.out.String())
	}
}

func TestDeletingWantsAWordTyped(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	p := s.sitDown(t.Context(), "account", "delete", "--session", s.path("ann"))
	p.sees("the account +9996620001 (user 5000000001) for good. To go on, type delete: ")
	p.types("yes")
	p.leaves(1)
	if !strings.Contains(p.seen.String(), "nothing was done") {
		t.Errorf("got %q, want that nothing was done", p.seen.String())
	}
	p = s.sitDown(t.Context(), "account", "delete", "--session", s.path("ann"))
	p.sees("type delete: ")
	p.types("delete")
	p.leaves(0)
	if n := len(s.server.Users()); n != 0 {
		t.Errorf("got %d accounts, want none", n)
	}
}

func TestANewPasswordIsTypedTwiceAndNotShown(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	p := s.sitDown(t.Context(), "password", "set", "--json", "--session", s.path("ann"))
	p.sees("New password: ")
	p.typesBlindly(newSecret)
	p.sees("once more: ")
	p.typesBlindly(newSecret)
	p.sees("(may be empty): ")
	p.types("a hint")
	p.sees("(may be empty): ")
	p.types("")
	s.keeps(p.leaves(0) + p.seen.String() + p.out.String())
	if p.out.String() != "{\"set\":true}\n" {
		t.Errorf("got %q", p.out.String())
	}
}

// The address alone is asked for again when it was refused, and a change of the
// password asks for none.
func TestABadAddressDoesNotThrowTheNewPasswordAway(t *testing.T) {
	s := newStage(t)
	s.login(s.path("ann"))
	p := s.sitDown(t.Context(), "password", "set", "--session", s.path("ann"))
	p.sees("New password: ")
	p.typesBlindly(newSecret)
	p.sees("once more: ")
	p.typesBlindly(newSecret)
	p.sees("(may be empty): ")
	p.types("a hint")
	p.sees("(may be empty): ")
	p.types("nonsense")
	p.sees("does not take this address.\nThe new password and its hint are kept.\nE-mail to recover it by (may be empty): ")
	p.types("")
	p.leaves(0)
	if got := s.passwordOf("ann"); !got.Set || got.Hint != "a hint" {
		t.Errorf("got %+v, want the password that was typed, and its hint", got)
	}

	p = s.sitDown(t.Context(), "password", "change", "--session", s.path("ann"), "--password", newSecret)
	p.sees("New password: ")
	p.typesBlindly(beasPassword)
	p.sees("once more: ")
	p.typesBlindly(beasPassword)
	p.sees("(may be empty): ")
	p.types("")
	p.leaves(0)
	if strings.Contains(p.seen.String(), "E-mail") {
		t.Errorf("got %q, want no question for an address", p.seen.String())
	}
}

func TestWhatIsNoNumberIsSaidSo(t *testing.T) {
	s := newStage(t)
	p := s.sitDown(t.Context(), "login", "--network", s.network, "--session", s.path("ann"), "--code", "22222")
	p.sees("country code: ")
	p.types("abc")
	p.sees("got the character 'a' (U+0061) at place 1 of the number, want digits with the country code in front, as in +9996621234\nTelephone number with country code: ")
	p.types(annsNumber)
	p.leaves(0)
}

func TestAPasswordIsNotReadFromATerminalThatWouldShowIt(t *testing.T) {
	s := newStage(t)
	p := s.sitDown(t.Context(), "login", "--network", s.network, "--session", s.path("bea"), "--password-file", "-")
	p.leaves(2)
	if !strings.Contains(p.seen.String(), "would show the secret") {
		t.Errorf("got %q, want a warning", p.seen.String())
	}
}

// sitsAt runs a command on a terminal that shows standard error, too.
func (s *stage) sitsAt(columns uint16, args ...string) (keyboard *os.File, code <-chan int) {
	s.t.Helper()
	keyboard, terminal := openTerminal(s.t)
	size := [4]uint16{40, columns}
	ioctl(s.t, terminal, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	ended := make(chan int, 1)
	go func() {
		ended <- Main(s.t.Context(), args, s.env, terminal, io.Discard, terminal)
		terminal.Close()
	}()
	return keyboard, ended
}

// A terminal writes a carriage return before each line feed.
func TestAQRCodeOnTheTerminalIsScanned(t *testing.T) {
	s := newStage(t)
	keyboard, code := s.sitsAt(80, "login", "--qr", "--network", s.network, "--session", s.path("ann"))
	var screen strings.Builder
	next := make([]byte, 4096)
	drawn := ""
	for !isWhole(drawn) {
		n, err := keyboard.Read(next)
		if err != nil {
			t.Fatalf("got %q, %v, want a QR code", screen.String(), err)
		}
		screen.Write(next[:n])
		_, drawn, _ = strings.Cut(strings.ReplaceAll(screen.String(), "\r\n", "\n"), blackOnWhite)
		drawn = blackOnWhite + drawn
	}
	link := read(t, photograph(t, drawn, 0))
	if err := s.server.AcceptLogin(annsNumber, link); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(keyboard) // ends with EIO, as terminals do
	if code := <-code; code != 0 || strings.Contains(screen.String()+string(rest), link) {
		t.Errorf("got exit code %d and %q%q, want 0, and the link nowhere", code, screen.String(), rest)
	}
	if !strings.Contains(screen.String(), "Scan this") {
		t.Errorf("got %q, want words above the code", screen.String())
	}
}

// isWhole tells a QR code from a part of one: it is as high as it is wide, and two
// of its rows are a line.
func isWhole(drawn string) bool {
	first, _, _ := strings.Cut(drawn, "\n")
	columns := utf8.RuneCountInString(first) - len(blackOnWhite) - len(plain)
	return columns > 0 && strings.Count(drawn, plain+"\n") == (columns+1)/2
}

func TestATerminalThatIsTooNarrowSaysSo(t *testing.T) {
	s := newStage(t)
	keyboard, code := s.sitsAt(30, "login", "--qr", "--network", s.network, "--session", s.path("ann"))
	screen, _ := io.ReadAll(keyboard)
	if code := <-code; code != 2 || !strings.Contains(string(screen), "the terminal has 30 columns") {
		t.Errorf("got exit code %d and %q, want 2 and how wide it has to be", code, screen)
	}
}

// What is drawn first is taken away before the next code is drawn: as many rows as
// it takes, in which long lines are wrapped.
func TestAQRCodeIsDrawnInThePlaceOfTheLast(t *testing.T) {
	t.Parallel()
	keyboard, terminal := openTerminal(t)
	size := [4]uint16{40, 60}
	ioctl(t, terminal, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	s := (&program{err: terminal}).qrScreen("", nil)
	q := auth.ShowQR{Link: auth.LoginLink("tg://login?token=first"), Expires: time.Now().Add(30 * time.Second)}
	for range 2 {
		if _, err := s.Ask(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	terminal.Close()
	text, _ := io.ReadAll(keyboard)
	first, second, ok := strings.Cut(string(text), "\x1b[J")
	up := regexp.MustCompile(`\x1b\[(\d+)A$`).FindStringSubmatch(first)
	if !ok || up == nil {
		t.Fatalf("got %q, want it to go up and clear the screen", text)
	}
	taken := 0
	for _, line := range strings.Split(strings.TrimSuffix(strings.TrimSuffix(first, up[0]), "\r\n"), "\r\n") {
		visible := utf8.RuneCountInString(regexp.MustCompile(`\x1b\[[\d;]*m`).ReplaceAllString(line, ""))
		taken += max(1, (visible+59)/60)
	}
	if number(t, up[1]) != taken {
		t.Errorf("got %s rows up, want the %d that %q takes", up[1], taken, first)
	}
	if got := strings.TrimSuffix(first, up[0]); strings.Count(got, "\n") != strings.Count(second, "\n") {
		t.Errorf("got %q after %q, want the same again", second, got)
	}
}

// openTerminal makes a terminal and a keyboard for it.
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	var unlock, number int32
	ioctl(t, keyboard, syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	ioctl(t, keyboard, syscall.TIOCGPTN, unsafe.Pointer(&number))
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keyboard, terminal
}

func ioctl(t *testing.T, f *os.File, request uintptr, argument unsafe.Pointer) {
	t.Helper()
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(argument)); no != 0 {
		t.Fatalf("ioctl %x: %v", request, no)
	}
}
