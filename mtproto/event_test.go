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
