package mtproto

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/crypt"
)

var update = flag.Bool("update", false, "write what the scripts of testdata/scripts do now into them")

// TestScripts plays the conversations of testdata/scripts between a Conn and a
// Server. A script is blocks of commands, each followed by ---- and what both ends
// do then, until an empty line; lines that begin with # are comments. README.md
// beside the scripts lists the commands.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(paths) < 10 {
		t.Fatalf("got %d scripts, %v, want all of them", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := newScript(t).play(string(b))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(b) {
				t.Errorf("%s: got\n%s\nread the difference; go test -run TestScripts -update writes it into the script", path, got)
			}
		})
	}
}

// conversation plays a conversation and prints it.
type conversation struct {
	*world
	names names
	out   strings.Builder
	calls map[string]Req

	lose struct{ client, server int } // how many of the next packets get lost
	slow map[string]bool              // calls that the server does not answer by itself
}

func newScript(t *testing.T) *conversation {
	s := &conversation{world: newWorld(t, 1), names: newNames(), calls: map[string]Req{}, slow: map[string]bool{}}
	s.reply = func(call string) []byte {
		s.printf("server executes %s", call)
		if s.slow[call] {
			return nil
		}
		return value("result of " + call)
	}
	s.observe, s.onLog = s.packet, s.told
	return s
}

// play returns the script with the output that its commands have now.
func (s *conversation) play(text string) string {
	var result strings.Builder
	inOutput := false
	for line := range strings.Lines(text) {
		command := strings.TrimSpace(line)
		switch {
		case inOutput:
			inOutput = command != ""
			if inOutput {
				continue
			}
		case command == "----":
			inOutput = true
			result.WriteString(line + s.out.String())
			s.out.Reset()
			continue
		case command != "" && !strings.HasPrefix(command, "#"):
			s.do(strings.Fields(command))
		}
		result.WriteString(line)
	}
	if s.out.Len() > 0 {
		s.t.Fatalf("got commands at the end of the script without ----")
	}
	return result.String()
}

// do executes a command.
func (s *conversation) do(words []string) {
	arg := func(i int) string {
		if i >= len(words) {
			s.t.Fatalf("%s: got %d words, want more", words, len(words))
		}
		return words[i]
	}
	switch words[0] {
	case "connect":
		s.dial()
		s.run()
	case "disconnect":
		s.cut()
	case "send":
		for _, call := range words[1:] {
			s.calls[call] = s.send(call)
		}
	case "slow":
		s.slow[arg(1)] = true
	case "run":
		s.run()
	case "wait":
		s.wait(s.duration(arg(1)))
	case "clock":
		s.skew += s.duration(arg(1))
	case "lose":
		s.loseNext(arg(1))
	case "cancel":
		s.conn.Cancel(s.clientNow(), s.calls[arg(1)])
	case "answer":
		s.answerLate(arg(1))
	case "push":
		s.server.Push(s.now, s.key.ID(), value(strings.Join(words[1:], " ")))
	case "new-salt":
		s.server.NewSalt(s.now, s.key.ID())
	case "restart":
		s.restart(9)
	default:
		s.t.Fatalf("got the command %q, want one of testdata/scripts/README.md", words[0])
	}
}

func (s *conversation) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// loseNext loses the next packet of one side.
func (s *conversation) loseNext(side string) {
	switch side {
	case "client":
		s.lose.client++
	case "server":
		s.lose.server++
	default:
		s.t.Fatalf("lose: got %q, want client or server", side)
	}
}

// answerLate answers a call that the server has left open.
func (s *conversation) answerLate(call string) {
	for _, q := range s.asked {
		if readValue(q.Body) == call {
			s.server.Answer(s.now, q.Query, value("result of "+call))
			return
		}
	}
	s.t.Fatalf("answer: the server was not asked for %q", call)
}

// told prints a line of the log: what a Conn tells its owner, or a Server does.
func (s *conversation) told(line string) {
	if !strings.HasPrefix(line, "server: ") {
		line = "client is told: " + s.named(line)
	}
	s.printf("%s", line)
}

// named puts the names of calls for the numbers of requests.
func (s *conversation) named(line string) string {
	words := strings.SplitN(line, " ", 3)
	if len(words) < 2 {
		return line
	}
	for call, r := range s.calls {
		if words[1] == strconv.FormatUint(uint64(r), 10) {
			words[1] = call
		}
	}
	return strings.Join(words, " ")
}

func (s *conversation) printf(format string, args ...any) {
	fmt.Fprintf(&s.out, "%8.3f  %s\n", s.now.Sub(start).Seconds(), fmt.Sprintf(format, args...))
}

// packet prints a packet and reports whether it arrives.
func (s *conversation) packet(side crypt.Side, packet []byte) (arrives bool) {
	name, lost := "client", &s.lose.client
	if side == crypt.FromServer {
		name, lost = "server", &s.lose.server
	}
	if arrives = *lost == 0; !arrives {
		*lost--
		name += " (the packet is lost)"
	}
	if len(packet) == 4 {
		s.printf("%s: transport error %d", name, int32(packet[0])|int32(packet[1])<<8|int32(packet[2])<<16|int32(packet[3])<<24)
		return arrives
	}
	messages := opened(s.t, packet, s.key, side)
	if c := messages[0].container; c != 0 {
		// The container was numbered last, and is printed first.
		for _, m := range messages {
			s.names.of(m.id)
		}
		s.printf("%s: container %s", name, s.names.of(c))
		name = strings.Repeat(" ", len(name)+1)
	} else {
		name += ":"
	}
	for _, m := range messages {
		s.printf("%s %s seqno %d: %s", name, s.names.of(m.id), m.seq, s.names.describe(m.body))
	}
	return arrives
}
