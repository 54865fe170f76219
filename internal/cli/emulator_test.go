package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"net"
	"net/http"
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

// A script that waits for the ready file must not find that of a run that has ended.
func TestTheReadyFileGoesWithItsEmulator(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	first := s.emulator("--ready-file", ready)
	first.end(t)
	if _, err := os.Stat(ready); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v after the end, want no file", err)
	}
	first = s.emulator("--ready-file", ready)
	second := s.emulator("--ready-file", ready)
	first.end(t)
	if _, err := os.Stat(ready); err != nil {
		t.Errorf("got %v after the end of the first, want the file of the second", err)
	}
	second.end(t)
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
	for _, endpoint := range network.DCs {
		c, err := net.Dial("tcp", endpoint.Addr)
		if err != nil {
			t.Errorf("data centre %d: %v", endpoint.ID, err)
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

// The help says what a seed may have in it.
func TestTheSeedOfTheHelpIsOne(t *testing.T) {
	s := newStage(t)
	_, help, _ := strings.Cut(s.run("emulator", "--help").done(), "A seed file lists")
	begin, end := strings.Index(help, "{"), strings.Index(help, "16}")
	if begin < 0 || end < begin {
		t.Fatalf("got %q, want a seed in it", help)
	}
	seed := strings.NewReplacer("123456:…", "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ012345678", `"recovery_email":"…"`, `"recovery_email":"ann@example.org"`,
		`"login_email":"…"`, `"login_email":"ann@example.org"`).Replace(help[begin : end+len("16}")])
	ready := s.path("ready.json")
	e := s.emulator("--ready-file", ready, "--seed", s.write("seed.json", seed))
	defer e.end(t)
	s.run("login", "--network", ready, "--session", s.path("echo"), "--bot-token-file", s.write("token", "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ012345678")).done()
}

func TestTheEmulatorObeysTheRulesOfItsSeed(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	seed := s.write("seed.json", `{"users":[{"phone":"+9996630007"}],
		"rules":[{"method":"auth.sendCode","do":"error","code":400,"message":"PHONE_NUMBER_BANNED"}]}`)
	e := s.emulator("--ready-file", ready, "--seed", seed)
	defer e.end(t)
	s.run("login", "--network", ready, "--session", s.path("eve"), "--phone", "+9996630007").fails(3, "PHONE_NUMBER_BANNED")
	wrong := s.write("wrong.json", `{"rules":[{"method":"auth.sendCode","do":"explode"}]}`)
	s.run("emulator", "--seed", wrong).fails(2, `rules[0]: do: got "explode"`)
}

func TestTheEmulatorHandsCodesToPrograms(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	e := s.emulator("--json", "--ready-file", ready)
	defer e.end(t)
	var network dc.Network
	decode(t, e.line, &network)
	s.run("login", "--network", ready, "--session", s.path("s"), "--phone", "+49 151 12345678").fails(2, "(sms)")
	code, body := fetch(t, network.Control+"/v1/codes?phone=4915112345678&wait=10s", "")
	if code != 200 || !regexp.MustCompile(`^\[\{"id":1,"phone":"\+4915112345678","code":"\d{5}","channel":"sms",`).MatchString(body) {
		t.Errorf("got %d %s, want the code", code, body)
	}
	// Who has the network file has all of it.
	if code, body := fetch(t, network.Control+"/v1/network", ""); code != 200 || body != e.line {
		t.Errorf("got %d %s, want %s", code, body, e.line)
	}
}

// fetch gets what is at url, with a token unless it is empty.
func fetch(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

func TestTheControlAPIIsOpenedToOthersWithATokenOnly(t *testing.T) {
	s := newStage(t)
	const token = "0123456789abcdef"
	file := s.write("token", token+"\n")
	e := s.emulator("--json", "--listen", "0.0.0.0", "--allow-remote", "--token-file", file)
	var network dc.Network
	decode(t, e.line, &network)
	for given, want := range map[string]int{token: 200, "": 401, "0123456789abcdeg": 401} {
		if code, body := fetch(t, network.Control+"/v1/health", given); code != want {
			t.Errorf("got %d %s, want %d", code, body, want)
		}
	}
	e.end(t)
	if log := e.errs.String(); strings.Contains(log, token) {
		t.Errorf("got the token in the log: %s", log)
	}

	s.run("emulator", "--allow-remote").fails(2, "--allow-remote needs --token-file")
	s.run("emulator", "--token-file", s.path("nothing")).fails(2, "nothing: ")
	s.run("emulator", "--token-file", s.write("empty", "\n")).fails(2, "got nothing in it")
	s.run("emulator", "--token-file", s.write("short", "secret")).fails(2, "got 6 characters")
	s.run("emulator", "--token-file", s.write("long", strings.Repeat("x", 5000))).fails(2, "got more than 4096 bytes")
}

// Data centres may be open to a network, and the API still is not.
func TestTheControlAPIStaysOnThisMachine(t *testing.T) {
	s := newStage(t)
	e := s.emulator("--json", "--listen", "0.0.0.0")
	var network dc.Network
	decode(t, e.line, &network)
	addr := strings.TrimPrefix(network.Control, "http://")
	if runtime.GOOS != "linux" {
		// elsewhere 127.0.0.1 may be the only loopback address
	} else if l, err := net.Listen("tcp4", strings.Replace(addr, "127.0.0.1", "127.0.0.2", 1)); err != nil {
		t.Errorf("%v: want %s alone to be taken", err, addr)
	} else {
		l.Close()
	}
	e.end(t)

	port := addr[strings.LastIndex(addr, ":")+1:]
	e = s.emulator("--control-port", port)
	e.end(t)
	e = s.emulator("--json", "--no-control")
	if strings.Contains(e.line, "control") {
		t.Errorf("got %s, want no control API", e.line)
	}
	e.end(t)
	s.run("emulator", "--no-control", "--control-port", port).fails(2, "no-control")
	s.run("emulator", "--control-port", "70000").fails(2, "port: got 70000")
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
	for _, endpoint := range network.DCs {
		if want := fmt.Sprintf("127.0.0.1:%d", port+endpoint.ID-1); endpoint.Addr != want {
			t.Errorf("data centre %d: got %s, want %s", endpoint.ID, endpoint.Addr, want)
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

func TestTheEmulatorShowsPacketsAndCallsOnlyWhenAsked(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	for level, isShown := range map[string]bool{"debug": true, "info": false} {
		e := s.emulator("--ready-file", ready, "--log-level", level)
		s.run("call", "help.getConfig", "--network", ready, "--session", s.path(level)).done()
		e.end(t)
		for _, line := range []string{"msg=packet direction=in", "msg=packet direction=out", "msg=call method=help.getConfig"} {
			if got := strings.Contains(e.errs.String(), line); got != isShown {
				t.Errorf("--log-level %s: %q shown: got %v, want %v", level, line, got, isShown)
			}
		}
	}
	s.run("emulator", "--log-level", "loud").fails(2, `--log-level: got "loud", want debug`)
}
