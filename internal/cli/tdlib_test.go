package cli

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/telekey/telekey/dc"
)

// library puts down what a command patches: a file with what matters of TDLib's.
func library(s *stage, line string) string {
	b, err := os.ReadFile("../tdlib/testdata/libtdjson.so")
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("libtdjson.so", string(b))
	return line
}

func TestALibraryThatIsNotTDLibIsNotPatched(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	e := s.emulator("--json", "--ready-file", ready)
	defer e.end(t)
	out := s.path("libtdjson-telekey-local.so")
	s.run("tdlib", "patch", s.write("libtdjson.so", "no library"), out, "--network", ready).fails(2, "no ELF library")
	s.run("tdlib", "patch", s.path("missing.so"), out, "--network", ready).fails(1, "missing.so")
	s.run("tdlib", "patch", s.path("libtdjson.so"), s.path("copy.so"), "--network", ready).fails(2, "telekey-local")
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("got %v, want no copy", err)
	}
}

func TestAKeyStaysFromRunToRun(t *testing.T) {
	s := newStage(t)
	path := s.path("emulator.pem")
	var keys [2]string
	for i := range keys {
		e := s.emulator("--json", "--key", path)
		var network dc.Network
		decode(t, e.line, &network)
		e.end(t)
		keys[i] = network.Identity()
	}
	if keys[0] != keys[1] {
		t.Errorf("got the keys %s and %s, want one", keys[0], keys[1])
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file of mode 0600", info, err)
	}
}

func TestAKeyThatIsDamagedOrOpenToOthersIsRefused(t *testing.T) {
	s := newStage(t)
	path := s.path("emulator.pem")
	key, err := makeKey(path)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"empty": "", "cut": string(whole[:len(whole)/2]), "two": string(whole) + string(whole)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keyFile(path); err == nil || strings.Contains(err.Error(), key.D.String()) {
			t.Errorf("%s: got %v, want an error", name, err)
		}
		s.run("emulator", "--key", path).fails(2, "--key")
	}
	if runtime.GOOS == "windows" {
		return // which has no modes
	}
	if err := errors.Join(os.WriteFile(path, whole, 0o600), os.Chmod(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	s.run("emulator", "--key", path).fails(2, "chmod 600")
}

func TestTheEmulatorPlaysTheTestNetwork(t *testing.T) {
	s := newStage(t)
	ready := s.path("ready.json")
	e := s.emulator("--json", "--test", "--ready-file", ready)
	defer e.end(t)
	var network dc.Network
	decode(t, e.line, &network)
	if !network.Test {
		t.Errorf("got %s, want a test network", e.line)
	}
	s.run("login", "--network", ready, "--session", s.path("s"), "--phone", "+9996621234", "--code", "22222", "--first-name", "Ann", "--accept-tos").done()
}

func TestClientsAreToldTheHostThatIsAdvertised(t *testing.T) {
	s := newStage(t)
	e := s.emulator("--json", "--advertise", "localhost")
	defer e.end(t)
	var network dc.Network
	decode(t, e.line, &network)
	for _, option := range network.DCs {
		if !strings.HasPrefix(option.Addr, "localhost:") {
			t.Errorf("got %s, want localhost", option.Addr)
		}
	}
	if !strings.HasPrefix(network.Control, "http://localhost:") {
		t.Errorf("got %s, want the host localhost", network.Control)
	}
}
