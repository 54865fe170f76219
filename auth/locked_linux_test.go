package auth_test

import (
	"bytes"
	"crypto/rand"
	"syscall"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// A Secret is the caller's own bytes, worked on where they lie: in memory that is
// never written to a disk, and that is gone when the flow has used it. Whoever
// kept a pointer to them would end this program.
func TestPasswordMayLieInLockedMemory(t *testing.T) {
	page, err := syscall.Mmap(-1, 0, syscall.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mlock(page); err != nil {
		t.Fatal(err)
	}
	password := auth.Secret(page[:copy(page, "correct horse")])

	f := auth.NewFlow(ann)
	flowAt(t, f, passwordIsAsked)
	if err := f.Answered(start, password, rand.Reader); err != nil {
		t.Fatal(err)
	}
	if err := f.Returned(start, &tg.AuthAuthorization{User: &tg.User{ID: 1, Self: true}}, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, make([]byte, len(page))) {
		t.Error("the flow has ended, and the password is still there")
	}
	if err := syscall.Munmap(page); err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Next().(auth.Done); !ok {
		t.Errorf("got %v, want the flow done", f.Next())
	}
}
