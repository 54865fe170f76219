package emulator

import "sync"

// memory is the budget of bytes for what all clients together have the Server
// hold: packets that are not complete, what packed parts of them become, values
// while they are decoded, answers that are not acknowledged, and packets that a
// client does not read. Where it is used up, the socket that holds most is closed.
//
// Readers, writers and the owner use it.
type memory struct {
	mu      sync.Mutex
	limit   int
	used    int
	answers int              // of these, as of the last tell
	holders map[*socket]int  // what each socket holds
	evicted map[*socket]bool // sockets that were closed for it, until they are gone
	closed  []*socket        // of these, since the owner asked last
	refused int              // sockets closed and requests refused since the last report
}

func newMemory(limit int) *memory {
	return &memory{limit: limit, holders: map[*socket]int{}, evicted: map[*socket]bool{}}
}

// grow has a socket hold n bytes more. It returns false if the socket is the one
// that gives way.
func (m *memory) grow(k *socket, n int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.evicted[k] {
		return false
	}
	for m.used+n > m.limit {
		victim := m.largest()
		if victim == nil || m.holders[victim] <= m.holders[k]+n {
			m.refused++
			return false
		}
		m.evict(victim)
	}
	m.used += n
	m.holders[k] += n
	return true
}

// shrink has a socket hold n bytes less.
func (m *memory) shrink(k *socket, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n = min(n, m.holders[k])
	m.used -= n
	if m.holders[k] -= n; m.holders[k] == 0 {
		delete(m.holders, k)
	}
}

// leave has a socket hold nothing any more.
func (m *memory) leave(k *socket) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= m.holders[k]
	delete(m.holders, k)
	delete(m.evicted, k)
}

// reserve takes n bytes for the owner, who gives them back by release.
func (m *memory) reserve(n int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.makeSpace(n)
	if m.used+n > m.limit {
		m.refused++
		return false
	}
	m.used += n
	return true
}

func (m *memory) release(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= n
}

// tell says how many bytes the answers take that are kept for clients.
func (m *memory) tell(answers int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used += answers - m.answers
	m.answers = answers
	m.makeSpace(0)
}

// makeSpace closes sockets until n bytes fit, or none holds any.
func (m *memory) makeSpace(n int) {
	for m.used+n > m.limit {
		victim := m.largest()
		if victim == nil {
			return
		}
		m.evict(victim)
	}
}

// largest is the socket that holds most; nil: none holds any.
func (m *memory) largest() (victim *socket) {
	for k, n := range m.holders {
		if victim == nil || n > m.holders[victim] || n == m.holders[victim] && k.id < victim.id {
			victim = k
		}
	}
	return victim
}

// evict closes a socket. Its reader and writer let go of what it holds, and so
// does the owner: see takeClosed.
func (m *memory) evict(k *socket) {
	m.closed = append(m.closed, k)
	m.refused++
	m.used -= m.holders[k]
	delete(m.holders, k)
	m.evicted[k] = true
	_ = k.conn.Close()
}

// takeClosed returns the sockets that were closed since it was last asked.
func (m *memory) takeClosed() []*socket {
	m.mu.Lock()
	defer m.mu.Unlock()
	closed := m.closed
	m.closed = nil
	return closed
}

// takeRefused returns what was refused since it was last asked.
func (m *memory) takeRefused() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.refused
	m.refused = 0
	return n
}
