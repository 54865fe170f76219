package mtproto

import "testing"

func TestQueuesKeepTheirOrderAndLetGo(t *testing.T) {
	var q queue[int]
	next := 0
	for i := range 1000 {
		q.push(i)
		if i%3 == 0 {
			if v, ok := q.pop(); !ok || v != next {
				t.Fatalf("got %d, %v, want %d", v, ok, next)
			}
			next++
		}
	}
	for v, ok := q.pop(); ok; v, ok = q.pop() {
		if v != next {
			t.Fatalf("got %d, want %d", v, next)
		}
		next++
	}
	if next != 1000 || cap(q.items) > longQueue {
		t.Errorf("got %d items and room for %d is kept", next, cap(q.items))
	}
	q.push(1)
	q.push(2)
	q.push(3)
	q.pop()
	q.remove(func(v int) bool { return v == 2 })
	if v, _ := q.pop(); v != 3 || !q.empty() {
		t.Errorf("got %d, want 3 alone", v)
	}
	q.remove(func(int) bool { return true })
	if s := Kind(99).String() + Asked.String() + Kind(0).String(); s != "kind 99askedkind 0" {
		t.Errorf("got %q", s)
	}
}

// A queue that is never empty does not keep the places of what was taken.
func TestAQueueThatIsNeverEmptyStaysSmall(t *testing.T) {
	var q queue[int]
	q.push(0)
	for i := range 100_000 {
		q.push(i + 1)
		if v, ok := q.pop(); !ok || v != i {
			t.Fatalf("got %d, %t, want %d", v, ok, i)
		}
	}
	if n := cap(q.items); n > 8*longQueue {
		t.Errorf("got %d places for one item, want at most %d", n, 8*longQueue)
	}
}

// A session whose many answers were acknowledged keeps no maps for them.
func TestQueriesLetGoOfTheirMaps(t *testing.T) {
	qs := queries{shared: NewShared(0, 0)}
	for range 2 {
		for id := MsgID(4); id < 4*1000; id += 4 {
			if !qs.begin(id) {
				t.Fatal("there are too many queries")
			}
			qs.remember(qs.byID[id], []byte("answer"))
		}
		for id := MsgID(4); id < 4*1000; id += 4 {
			qs.end(qs.byID[id])
		}
		if qs.byID != nil || qs.written != nil || qs.bytes != 0 {
			t.Errorf("got %d queries and %d bytes, want nothing kept", len(qs.byID), qs.bytes)
		}
	}
}
