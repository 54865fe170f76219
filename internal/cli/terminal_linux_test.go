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
	"unsafe"
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

// typesBlindly types when the terminal has stopped showing what is typed: the
// question comes a moment before that.
func (p *person) typesBlindly(line string) {
	p.t.Helper()
	p.waitsForEcho(false)
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

func TestAPasswordIsNotReadFromATerminalThatWouldShowIt(t *testing.T) {
	s := newStage(t)
	p := s.sitDown(t.Context(), "login", "--network", s.network, "--session", s.path("bea"), "--password-file", "-")
	p.leaves(2)
	if !strings.Contains(p.seen.String(), "would show the secret") {
		t.Errorf("got %q, want a warning", p.seen.String())
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
