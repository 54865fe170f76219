package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/telekey/telekey/dc"
)

// anotherKey is one that every client can find: see fingerprint.
func anotherKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	for {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		if fingerprint(&key.PublicKey)>>60 != 0 {
			return key
		}
	}
}

// telegram is a telekey emulator that runs beside the test.
type telegram struct {
	line   string // of standard output: the first one
	errs   bytes.Buffer
	cancel context.CancelFunc
	code   chan int
}

func (s *stage) emulator(args ...string) *telegram {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	e := &telegram{cancel: cancel, code: make(chan int, 1)}
	r, w := io.Pipe()
	go func() {
		e.code <- Main(ctx, append([]string{"emulator"}, args...), s.env, s.in, w, &e.errs)
		w.Close()
	}()
	var err error
	if e.line, err = bufio.NewReader(r).ReadString('\n'); err != nil {
		s.t.Fatalf("got %v from the emulator's output: it ended with %d, %s", err, <-e.code, e.errs.String())
	}
	go io.Copy(io.Discard, r)
	return e
}

// end interrupts it and expects the ordinary end.
func (e *telegram) end(t *testing.T) {
	t.Helper()
	e.cancel()
	if code := <-e.code; code != 0 {
		t.Errorf("got exit code %d, want 0: %s", code, e.errs.String())
	}
}

func TestTheEmulatorPrintsAndWritesItsNetworkWhenEveryPortAccepts(t *testing.T) {
	s := newStage(t)
	ready := s.write("ready.json", "of the run before")
	e := s.emulator("--json", "--ready-file", ready)
	defer e.end(t)

	file, err := os.ReadFile(ready)
	if err != nil || string(file) != e.line {
		t.Fatalf("got the file %q, %v, want the line that was printed, %q", file, err, e.line)
	}
	if left, _ := filepath.Glob(s.path(".ready*")); len(left) != 0 {
		t.Errorf("got %v left over", left)
	}
	var fields map[string]json.RawMessage
	decode(t, e.line, &fields)
	for name := range fields {
		if name != "dcs" && name != "public_keys" && name != "control" {
			t.Errorf("got the field %q, which a network file does not have", name)
		}
	}
	network, err := dc.Parse([]byte(e.line))
	if err != nil {
		t.Fatal(err)
	}
	if len(network.DCs) != 3 || len(network.Keys) != 1 || !strings.HasPrefix(string(fields["public_keys"]), `["-----BEGIN RSA PUBLIC KEY-----\n`) {
		t.Errorf("got %s, want three data centres and one key", e.line)
	}
	for _, option := range network.DCs {
		c, err := net.Dial("tcp", option.Addr)
		if err != nil {
			t.Errorf("data centre %d: %v", option.ID, err)
			continue
		}
		c.Close()
	}
}

func TestTheEmulatorHasTheUsersOfItsSeed(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	seed := s.write("seed.json", `{"users":[{"phone":"+9996630007","first_name":"Eve","password":"`+beasPassword+`","hint":"h","dc":3}]}`)
	e := s.emulator("--ready-file", ready, "--seed", seed)
	defer e.end(t)
	got := s.run("login", "--json", "--network", ready, "--session", s.path("eve"), "--phone", "+9996630007",
		"--code", "33333", "--password", beasPassword).user()
	if got.FirstName != "Eve" || got.DC != 3 {
		t.Errorf("got %+v, want Eve in data centre 3", got)
	}
}

func TestTheEmulatorShowsCodesInItsLog(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	e := s.emulator("--ready-file", ready)
	s.run("login", "--network", ready, "--session", s.path("s"), "--phone", "+49 151 12345678").fails(2, "(sms)")
	e.end(t)
	if log := e.errs.String(); !regexp.MustCompile(`phone=\+4915112345678 code=\d{5}\b`).MatchString(log) {
		t.Errorf("got the log %q, want the code in it", log)
	}
}

func TestTheEmulatorListensOnGivenPorts(t *testing.T) {
	s := newStage(t)
	port := freePorts(t)
	e := s.emulator("--json", "--port", fmt.Sprint(port))
	defer e.end(t)
	var network dc.Network
	decode(t, e.line, &network)
	for _, option := range network.DCs {
		if want := fmt.Sprintf("127.0.0.1:%d", port+option.ID-1); option.Addr != want {
			t.Errorf("data centre %d: got %s, want %s", option.ID, option.Addr, want)
		}
	}
	s.run("emulator", "--port", fmt.Sprint(port)).fails(1, "in use")
}

// freePorts finds three free ports in a row, among those that the system does
// not hand out by itself.
func freePorts(t *testing.T) int {
	for range 100 {
		port := 20_000 + mathrand.IntN(10_000)
		free := true
		for next := port; free && next < port+3; next++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", next))
			if free = err == nil; free {
				l.Close()
			}
		}
		if free {
			return port
		}
	}
	t.Skip("there are no three free ports in a row")
	return 0
}

func TestSIGTERMIsTheEmulatorsOrdinaryEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM")
	}
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "emulator", "--json")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("got %v, want exit code 0", err)
	}
}
