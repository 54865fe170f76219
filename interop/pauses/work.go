package pauses

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Work samples how long a process has worked: the time that its threads were on a
// processor or waited for one. A client that computes, and a busy machine, are no
// pauses.
type Work struct {
	pid     int
	threads map[string]time.Duration // last seen of each
	total   time.Duration
	samples []sample
}

type sample struct {
	at    time.Time
	total time.Duration
}

// NewWork returns the Work of a process that has just begun.
func NewWork(pid int) *Work {
	return &Work{pid: pid, threads: map[string]time.Duration{}, samples: []sample{{time.Now(), 0}}}
}

// Sample looks at the process now. It does nothing where the system has no
// schedstat, and then all of a pause counts.
//
// https://docs.kernel.org/scheduler/sched-stats.html
func (w *Work) Sample() {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", w.pid))
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // the thread has ended
		}
		var ran, waited time.Duration
		if _, err := fmt.Sscan(string(b), &ran, &waited); err != nil {
			continue
		}
		w.total += ran + waited - w.threads[name]
		w.threads[name] = ran + waited
	}
	w.samples = append(w.samples, sample{time.Now(), w.total})
}

// Between returns how long the process worked between two times, at most all the
// time: from the last sample before begin to the first after end.
func (w *Work) Between(begin, end time.Time) time.Duration {
	first, last := w.samples[0], w.samples[len(w.samples)-1]
	for _, s := range w.samples {
		if !s.at.After(begin) {
			first = s
		}
		if !s.at.Before(end) {
			last = s
			break
		}
	}
	return min(last.total-first.total, end.Sub(begin))
}
