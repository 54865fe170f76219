//go:build limits && linux

package limits

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/dc"
)

const (
	ann      = "+9996620001"
	annCode  = "22222"
	bob      = "+9996620002" // has a password
	password = "correct horse"
)

// program is the command, built once.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "limits")
	if err == nil {
		program = filepath.Join(dir, "telekey")
		err = build(program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func build(to string) error {
	cmd := exec.Command("go", "build", "-o", to, "github.com/telekey/telekey/cmd/telekey")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// process is a running emulator.
type process struct {
	t       *testing.T
	pid     int
	network dc.Network
}

// start starts an emulator with the accounts of Ann and Bob.
func start(t *testing.T) *process {
	t.Helper()
	seed := filepath.Join(t.TempDir(), "seed.json")
	text := fmt.Sprintf(`{"users":[{"phone":%q},{"phone":%q,"password":%q}]}`, ann, bob, password)
	if err := os.WriteFile(seed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "emulator", "--json", "--no-control", "--seed", seed)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	p := &process{t: t, pid: cmd.Process.Pid}
	if err == nil {
		err = json.Unmarshal(line, &p.network)
	}
	if err != nil {
		t.Fatalf("the emulator has not said where it is: %v", err)
	}
	return p
}

// peak is the most memory that the process has had, in bytes.
func (p *process) peak() int {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kib int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			return kib << 10
		}
	}
	p.t.Fatal("the kernel does not tell the peak of memory")
	return 0
}

// maxPeak is the limit of memory for every attack.
const maxPeak = 200 << 20

// holdPeak compares the peak with its limit.
func (p *process) holdPeak(attack string) {
	p.t.Helper()
	got := p.peak()
	p.t.Logf("%s: %d MiB at the peak (limit %d)", attack, got>>20, maxPeak>>20)
	if got > maxPeak {
		p.t.Errorf("%s: got %d MiB at the peak, want at most %d", attack, got>>20, maxPeak>>20)
	}
}

// times are measured so often, and fail at so many times their limit.
const (
	rounds = 5
	slack  = 3
)

// holdMedian compares the median of what measure returns with its limit.
func holdMedian(t *testing.T, what string, limit time.Duration, measure func() time.Duration) {
	t.Helper()
	var all []time.Duration
	for range rounds {
		all = append(all, measure())
	}
	slices.Sort(all)
	got := all[rounds/2]
	t.Logf("%s: %v, the median of %v (limit %v, red at %v)", what, got, all, limit, slack*limit)
	if got > slack*limit {
		t.Errorf("%s: got %v, want %v, and fail above %v", what, got, limit, slack*limit)
	}
}
