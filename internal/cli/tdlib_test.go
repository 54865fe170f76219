package cli

import (
	"os"
	"testing"
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
