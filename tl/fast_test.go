//go:build !purego

package tl_test

import (
	"testing"

	"github.com/telekey/telekey/tg"
)

func TestWritingARequestAllocatesNothing(t *testing.T) {
	buffer := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buffer = appendRequest(buffer[:0]) }); n > 0 {
		t.Errorf("got %v allocations for a request that is only written, want none", n)
	}
}

func TestAHundredMessagesAreReadInAFewDozenAllocations(t *testing.T) {
	b := written(t, page())
	// Of 300 structs, 100 slices and 100 strings.
	if n := testing.AllocsPerRun(20, func() {
		var v tg.AnyMessagesMessages
		if err := tg.Schema.Decode(b, &v); err != nil {
			t.Fatal(err)
		}
	}); n > 170 {
		t.Errorf("got %v allocations, want at most 170", n)
	}
}
