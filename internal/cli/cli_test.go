package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/passkeys"
)

// asCommand makes the test binary the telekey command, for the tests that need
// another process.
const asCommand = "TELEKEY_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		os.Exit(m.Run())
	}
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if os.Getenv("TELEKEY_TEST_READY") != "" { // signals count from here on
		os.Stderr.WriteString("ready\n")
	}
	os.Exit(Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// Ann has an account everywhere, Bea one with a password where she is added.
const (
	annsNumber   = "+9996620001"
	beasNumber   = "+9996620002"
	beasPassword = "correct horse battery"
	wrongSecret  = "90817" // as code and as password
	newSecret    = "staple of batteries"
)

// stage is a Telegram, a directory, and the command as it is typed there.
type stage struct {
	t       *testing.T
	server  *emulator.Server
	dir     string
	network string // file
	env     []string
	in      io.Reader
	secrets []string // that no command may print
}

func newStage(t *testing.T) *stage {
	t.Helper()
	t.Parallel()
	keys, err := passkeys.New(passkeys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := emulator.Start(emulator.Config{Passkeys: keys, Users: []emulator.User{
		{Phone: annsNumber, FirstName: "Ann", LastName: "Lee"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	dir := t.TempDir()
	s := &stage{t: t, server: server, dir: dir, env: []string{"HOME=" + dir, "LocalAppData=" + dir},
		in: strings.NewReader(""), secrets: []string{wrongSecret, beasPassword, newSecret}}
	s.network = s.write("network.json", server.Network())
	return s
}

func (s *stage) addBea() {
	s.t.Helper()
	if err := s.server.AddUser(emulator.User{Phone: beasNumber, FirstName: "Bea", Password: beasPassword}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// write makes a file: of text as it is, of anything else as JSON.
func (s *stage) write(name string, content any) string {
	s.t.Helper()
	text, ok := content.(string)
	if !ok {
		b, err := json.Marshal(content)
		if err != nil {
			s.t.Fatal(err)
		}
		text = string(b)
	}
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.path(name)
}

// result is what a command leaves behind.
type result struct {
	t        *testing.T
	line     string
	code     int
	out, err string
}

// run types a command line.
func (s *stage) run(args ...string) result {
	s.t.Helper()
	var out, errs bytes.Buffer
	code := Main(s.t.Context(), args, s.env, s.in, &out, &errs)
	r := result{s.t, "telekey " + strings.Join(args, " "), code, out.String(), errs.String()}
	s.keeps(r.out + r.err)
	return r
}

// keeps expects no secret in what a command prints.
func (s *stage) keeps(printed string) {
	s.t.Helper()
	secrets := slices.Clone(s.secrets)
	for _, code := range s.server.Codes("") {
		if code.Channel == emulator.Email { // the others' are the same for all, and short enough to be part of an id
			secrets = append(secrets, code.Code)
		}
	}
	printed = strings.ReplaceAll(printed, s.dir, "") // whose number may hold a short one
	for _, secret := range secrets {
		if strings.Contains(printed, secret) {
			s.t.Errorf("a secret is in the output: %q", printed)
		}
	}
}

// done expects exit code 0, and returns standard output.
func (r result) done() string {
	r.t.Helper()
	if r.code != 0 || r.err != "" {
		r.t.Fatalf("%s: got exit code %d, %q, want 0 and no complaint", r.line, r.code, r.err)
	}
	return r.out
}

// user expects exit code 0 and the object that login and whoami print.
func (r result) user() (u userJSON) {
	r.t.Helper()
	decode(r.t, r.done(), &u)
	return u
}

type userJSON struct {
	ID        int64  `json:"user_id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Phone     string `json:"phone"`
	DC        int    `json:"dc"`
}

// fails expects an error: nothing on standard output, one sentence on standard
// error, with the words in it.
func (r result) fails(code int, words ...string) {
	r.t.Helper()
	if r.code != code || r.out != "" {
		r.t.Errorf("%s: got exit code %d and output %q, want %d and none (%s)", r.line, r.code, r.out, code, r.err)
	}
	if !strings.HasPrefix(r.err, "telekey: ") || strings.Count(r.err, "\n") != 1 || !strings.HasSuffix(r.err, "\n") {
		r.t.Errorf("%s: got the error %q, want one line of telekey's", r.line, r.err)
	}
	for _, word := range words {
		if !strings.Contains(r.err, word) {
			r.t.Errorf("%s: got the error %q, want %q in it", r.line, r.err, word)
		}
	}
}

// failsAsJSON expects an error as --json prints it, and returns it.
func (r result) failsAsJSON(code int) errorJSON {
	r.t.Helper()
	if r.code != code || r.out != "" {
		r.t.Errorf("%s: got exit code %d and output %q, want %d and none (%s)", r.line, r.code, r.out, code, r.err)
	}
	var e struct {
		Error errorJSON `json:"error"`
	}
	decode(r.t, r.err, &e)
	if e.Error.Code == nil || e.Error.Type == "" || e.Error.Arg == nil || e.Error.Message == "" {
		r.t.Fatalf("%s: got %q, want code, type, arg and message", r.line, r.err)
	}
	return e.Error
}

type errorJSON struct {
	Code    *int   `json:"code"`
	Type    string `json:"type"`
	Arg     *int   `json:"arg"`
	Message string `json:"message"`
	Until   string `json:"until"`
}

// decode reads the one line that text is, and no unknown fields.
func decode(t *testing.T, text string, into any) {
	t.Helper()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		t.Fatalf("got %q, want one line", text)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
}

// newest is the newest code that was sent to a mailbox, or to a telephone.
func (s *stage) newest(channel emulator.Channel) string {
	s.t.Helper()
	for _, code := range slices.Backward(s.server.Codes("")) {
		if code.Channel == channel {
			return code.Code
		}
	}
	s.t.Fatalf("got %v, want a code by %s", s.server.Codes(""), channel)
	return ""
}

// reads is a pipe with a program at its other end that writes the next code that
// the emulator sends.
func (s *stage) reads() io.Reader {
	after := 0
	if sent := s.server.Codes(""); len(sent) > 0 {
		after = sent[len(sent)-1].ID
	}
	return readerFunc(func(b []byte) (int, error) {
		codes, err := s.server.WaitCodes(s.t.Context(), "", after)
		if err != nil {
			return 0, err
		}
		after = codes[len(codes)-1].ID
		return copy(b, codes[len(codes)-1].Code+"\n"), nil
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// as types a command line for the session of somebody.
func (s *stage) as(session string, args ...string) result {
	s.t.Helper()
	return s.run(append(args, "--session", s.path(session))...)
}

// login signs Ann in.
func (s *stage) login(session string) {
	s.t.Helper()
	s.run("login", "--network", s.network, "--session", session, "--phone", annsNumber, "--code", "22222").done()
}

// nowhere is a network whose data centres are not at home.
func (s *stage) nowhere() string {
	network := s.server.Network()
	network.DCs = []dc.Endpoint{{ID: 2, Addr: "127.0.0.1:1"}}
	return s.write("nowhere.json", network)
}
