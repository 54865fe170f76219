package task

import (
	"runtime"
	"syscall"
	"time"
)

// CPU returns the processor time that this process has used, in user and in
// system mode, on all cores.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // the arguments are right
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Meter takes the cost of what happens between two moments.
type Meter struct {
	cpu    time.Duration
	memory runtime.MemStats
}

// Start begins a measurement after a garbage collection, which excludes the cost of
// earlier work.
func Start() *Meter {
	m := new(Meter)
	runtime.GC()
	runtime.ReadMemStats(&m.memory)
	m.cpu = CPU()
	return m
}

// Stop returns the cost per repetition, of n.
func (m *Meter) Stop(n int) map[string]float64 {
	cpu := CPU() - m.cpu
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	each := 1 / float64(n)
	return map[string]float64{
		"cpu":    float64(cpu.Nanoseconds()) / 1000 * each,
		"allocs": float64(now.Mallocs-m.memory.Mallocs) * each,
		"bytes":  float64(now.TotalAlloc-m.memory.TotalAlloc) * each,
	}
}

// Repeat is a task that does the same thing again and again. It is done once
// before the count begins, so that what a library makes once and keeps is not
// counted.
func Repeat(f func() error) Func {
	return func(in Input) (Result, error) {
		if err := f(); err != nil {
			return Result{}, err
		}
		m := Start()
		for range in.Count {
			if err := f(); err != nil {
				return Result{}, err
			}
		}
		return Result{Figures: m.Stop(in.Count)}, nil
	}
}

// live returns what the heap and the stacks hold, in bytes.
func live() float64 {
	// The second collection frees what finalizers of the first let go, and stacks
	// shrink by half at each.
	for range 4 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// Idle measures what many of something cost while they do nothing: open opens
// one of them and must keep it reachable.
func Idle(count int, open func(i int) error) (Result, error) {
	before, goroutines := live(), runtime.NumGoroutine()
	for i := range count {
		if err := open(i); err != nil {
			return Result{}, err
		}
	}
	// Work begun while connecting ends meanwhile.
	time.Sleep(2 * time.Second)
	return Result{Figures: map[string]float64{
		"memory":     (live() - before) / float64(count),
		"goroutines": float64(runtime.NumGoroutine()-goroutines) / float64(count),
	}}, nil
}
