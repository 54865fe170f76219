// Package pauses measures how long a client and the emulator leave each other
// waiting in a story.
//
// A pause is the time between two packets that follow each other, on whichever
// connection. A long one means that one side waits for something that the other
// does not send: real servers do not make clients wait.
package pauses

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Message is the message of the emulator's log for each packet, at level Debug.
const Message = "packet"

// Limit is the longest pause that needs no explanation.
const Limit = 500 * time.Millisecond

// Longest returns the longest pause between two of the packets that came after
// begin and not after end, less the time that the client worked in it, and how long
// after begin it began. worked may be nil.
func Longest(packets []time.Time, begin, end time.Time, worked func(begin, end time.Time) time.Duration) (pause, at time.Duration) {
	var last time.Time
	for _, t := range packets {
		if !t.After(begin) || t.After(end) {
			continue
		}
		gap := t.Sub(last)
		if !last.IsZero() && gap > pause {
			if worked != nil {
				gap -= worked(last, t)
			}
			if gap > pause {
				pause, at = gap, last.Sub(begin)
			}
		}
		last = t
	}
	return pause, at
}

// ReadLog returns the times of the packets in a log that slog.TextHandler wrote.
func ReadLog(r io.Reader) ([]time.Time, error) {
	var packets []time.Time
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		stamp, rest, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "time="), " ")
		if !ok || !strings.Contains(rest, " msg="+Message+" ") {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			return nil, fmt.Errorf("log: got the time %q, want one as slog writes it: %w", stamp, err)
		}
		packets = append(packets, t)
	}
	return packets, lines.Err()
}

// Recorder is a slog.Handler that keeps the times of packets, for emulators inside
// of a test.
type Recorder struct {
	mu      sync.Mutex
	packets []time.Time
}

// Packets returns the times of the packets so far.
func (r *Recorder) Packets() []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]time.Time(nil), r.packets...)
}

// Enabled reports that all levels are recorded.
func (r *Recorder) Enabled(context.Context, slog.Level) bool { return true }

// Handle notes the time of a packet.
func (r *Recorder) Handle(_ context.Context, record slog.Record) error {
	if record.Message == Message {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.packets = append(r.packets, record.Time)
	}
	return nil
}

// WithAttrs returns r: attributes are not kept.
func (r *Recorder) WithAttrs([]slog.Attr) slog.Handler { return r }

// WithGroup returns r: groups are not kept.
func (r *Recorder) WithGroup(string) slog.Handler { return r }
