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

// Meter measures costs between Start and Stop.
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

// Repeat returns a task that repeats one operation. It runs the operation once
// before the measurement, so that one-time work of a library does not count.
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

// live returns the bytes in use by the heap and the stacks.
func live() float64 {
	// The second collection frees memory released by finalizers of the first, and
	// each collection halves unused stacks.
	for range 4 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// Idle measures the cost of many idle clients: open opens one and must keep it
// reachable.
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
