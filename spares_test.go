package telekey_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// ping is a call whose answer says which call it answers, with room behind it
// for the answer, as tg.Call leaves it.
func ping(number uint64) []byte {
	const id = 0x7abe77ec
	return binary.LittleEndian.AppendUint64(tl.AppendUint32(make([]byte, 0, 256), id), number)
}

// pinged is which call an answer answers.
func pinged(answer []byte) uint64 {
	const head = 4 + 8 // constructor, message id
	if len(answer) != head+8 {
		return 0
	}
	return binary.LittleEndian.Uint64(answer[head:])
}

// Calls, channels and packets are used again, and calls are given up at any time;
// still every answer is its own call's, and stays as it was.
func TestNoAnswerReachesAnotherCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		c := w.dial(t, nil)
		var mu sync.Mutex
		answers := map[uint64][]byte{}
		var callers sync.WaitGroup
		for n := range uint64(16) {
			dice := rand.New(rand.NewPCG(n, 1))
			callers.Go(func() {
				for i := range uint64(200) {
					number := n<<32 | i + 1
					ctx, cancel := context.WithCancel(t.Context())
					if dice.IntN(3) == 0 {
						for range dice.IntN(40) {
							runtime.Gosched()
						}
						go cancel()
					}
					answer, err := c.With(telekey.Repeatable()).Invoke(ctx, ping(number))
					if err == nil {
						mu.Lock()
						answers[number] = answer
						mu.Unlock()
					} else if ctx.Err() == nil {
						t.Errorf("call %x: %v", number, err)
					}
					cancel()
				}
			})
		}
		for range 5 {
			time.Sleep(time.Millisecond)
			w.cut(false)
		}
		callers.Wait()
		for number, answer := range answers {
			if got := pinged(answer); got != number {
				t.Fatalf("call %x got the answer of %x", number, got)
			}
		}
		if len(answers) < 16*200/2 {
			t.Errorf("got %d answers, want more than half: the test tests nothing", len(answers))
		}
	})
}

// An answer is the caller's: what comes later does not touch it.
func TestAnAnswerIsNotTouchedByTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t).dial(t, nil)
		var answers, copies [][]byte
		for i := range uint64(50) {
			request := ping(i + 1)
			if i%2 == 1 {
				request = slices.Clip(request) // no room: the answer is a part of the packet
			}
			answer, err := c.Invoke(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			answers, copies = append(answers, answer), append(copies, slices.Clone(answer))
		}
		for i := range answers {
			if !slices.Equal(answers[i], copies[i]) || pinged(answers[i]) != uint64(i+1) {
				t.Fatalf("answer %d is %x, was %x", i+1, answers[i], copies[i])
			}
		}
	})
}

func TestAnIdleClientWaitsInTwoGoroutinesAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t).dial(t, nil)
		for range 3 {
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if n := clientGoroutines(); n != 2 {
				t.Fatalf("an idle client has %d goroutines, want its owner and its reader", n)
			}
			if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// clientGoroutines counts those that were begun by the package under test.
func clientGoroutines() (n int) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, g := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(g, "telekey.(*link).run(") || strings.Contains(g, "telekey.(*socket).") {
			n++
		}
	}
	return n
}

func TestDialWritesOnlyWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		store := &countingStore{Store: new(session.Memory)}
		for i, want := range []bool{true, false, false} {
			store.updates = 0
			c := w.dial(t, store)
			if got := store.updates > 0; got != want {
				t.Errorf("dial %d: %d updates, want some: %v", i+1, store.updates, want)
			}
			if _, err := tg.Call(t.Context(), c, &tg.HelpGetNearestDC{}); err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
	})
}

// countingStore counts the updates of its session.
type countingStore struct {
	session.Store
	updates int
}

type countingHold struct {
	session.Held
	store *countingStore
}

func (s *countingStore) Hold(ctx context.Context) (session.Held, error) {
	held, err := s.Store.Hold(ctx)
	return countingHold{held, s}, err
}

func (h countingHold) Update(ctx context.Context, change func(*session.Data) error) error {
	h.store.updates++
	return h.Held.Update(ctx, change)
}
