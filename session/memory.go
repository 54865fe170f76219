package session

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// Memory is a store that forgets everything when the program ends: for tests,
// and for programs that sign in each time they run. Saved data outlives a hold. The
// zero value is an empty session; a Memory must not be copied after first use.
type Memory struct {
	mu   sync.Mutex
	by   *HeldError // the holder; nil: none
	data Data
}

// Hold takes the session: see [Store].
func (m *Memory) Hold(ctx context.Context) (Held, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by != nil {
		return nil, new(*m.by)
	}
	m.by = holder(m.String())
	return newHold(inMemory{m}, m.data.Clone()), nil
}

// String returns the session's place without its contents.
func (m *Memory) String() string { return "in memory" }

// Format prints the text of String, for every verb.
func (m *Memory) Format(f fmt.State, _ rune) { io.WriteString(f, m.String()) }

// inMemory is the place of a hold.
type inMemory struct{ *Memory }

func (m inMemory) guard() error { return nil }

func (m inMemory) save(d Data) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data.Wipe()
	m.data = d.Clone()
	return nil
}

func (m inMemory) free() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.by = nil
	return nil
}
