package emulator

import "testing"

func TestOfTooManyThingsTheOldestGiveWay(t *testing.T) {
	var b bounded[int, string]
	for i := range 5 {
		b.add(i, string(rune('a'+i)), 3)
	}
	if _, ok := b.find(1); ok || len(b.things) != 3 || len(b.order) != 3 {
		t.Errorf("got %v in the order %v, want the three newest", b.things, b.order)
	}
	// What was used up takes no place: the others stay as long as they would.
	b.drop(3)
	b.drop(3)
	b.add(5, "f", 3)
	if one, ok := b.find(2); !ok || one != "c" {
		t.Errorf("got %q, %t; want c", one, ok)
	}
	b.dropIf(func(s string) bool { return s < "f" })
	if len(b.things) != 1 || len(b.order) != 1 || b.order[0] != 5 {
		t.Errorf("got %v in the order %v, want the last", b.things, b.order)
	}
}
