package tl

import (
	"sync"
	"sync/atomic"
)

// table finds what was made once for a key and is kept for good: plans by
// constructor number and by Go type. Finding takes no lock and, nearly always,
// one look. It is never larger than twice what the schema has, because only what
// was found there is kept.
type table[V any] struct {
	rows   atomic.Pointer[[]row[V]] // a power of two of them, at most half taken
	mu     sync.Mutex               // held to write
	number int                      // of rows that are taken
}

// row is one key and what it stands for. value is written before key: who sees
// the key sees the value.
type row[V any] struct {
	key   atomic.Uintptr // 0: free
	value *V
}

// find returns what is kept for key, or nil.
func (t *table[V]) find(key uintptr) *V {
	rows := t.rows.Load()
	if rows == nil || key == 0 {
		return nil
	}
	if r := look(*rows, key); r.key.Load() == key {
		return r.value
	}
	return nil
}

// look returns the row of key, or the free one where it would stand. Multiplied
// by an odd number without a pattern, keys that are alike (addresses of types)
// end far apart.
func look[V any](rows []row[V], key uintptr) *row[V] {
	const spread = 0x9e3779b97f4a7c15
	for i := int(uint64(key) * spread >> 33); ; i++ {
		r := &rows[i&(len(rows)-1)]
		if k := r.key.Load(); k == key || k == 0 {
			return r
		}
	}
}

// keep keeps v for key, unless something is kept for it, and returns what is.
func (t *table[V]) keep(key uintptr, v *V) *V {
	t.mu.Lock()
	defer t.mu.Unlock()
	if kept := t.find(key); kept != nil || key == 0 {
		return kept
	}
	t.grow()
	r := look(*t.rows.Load(), key)
	r.value = v
	r.key.Store(key)
	t.number++
	return v
}

// grow makes room for one more row. Who reads goes on in the old rows, which
// lack nothing but what comes now.
func (t *table[V]) grow() {
	var old []row[V]
	if rows := t.rows.Load(); rows != nil {
		old = *rows
	}
	if 2*(t.number+1) <= len(old) {
		return
	}
	rows := make([]row[V], max(16, 2*len(old)))
	for i := range old {
		if key := old[i].key.Load(); key != 0 {
			r := look(rows, key)
			r.value = old[i].value
			r.key.Store(key)
		}
	}
	t.rows.Store(&rows)
}
