package emulator

import (
	"bytes"
	"slices"
	"time"

	"github.com/telekey/telekey/mtproto"
)

// Arithmetic with big numbers, hashing of passwords and checks of passkeys take
// milliseconds each. They run beside the owner, on as many goroutines at once as
// there are processors, and come back as an event.
//
// A call that waits for such a task keeps the later calls of its key waiting, so
// that none overtakes it, and the reader of its socket: one packet of a socket is
// in hand at a time. Others have their turn meanwhile.

// task is what a call waits for.
type task struct {
	about  any // a call that is executed again recognises its task by this
	run    func() any
	result any
	done   bool
}

func (t *task) do() { t.result, t.done = t.run(), true }

// later is returned by a handler whose task has yet to run. It has changed nothing,
// and is called again when the task is done.
var later = &refusal{}

// beside returns what run returns, which takes long and touches nothing of the
// owner's. Until that is there it returns later, for the handler to return.
func beside[T any](c *caller, about any, run func() T) (result T, no *refusal) {
	if t := c.task; t != nil && t.done && t.about == about {
		result, _ = t.result.(T) // nil, of an interface
		return result, nil
	}
	c.task = &task{about: about, run: func() any { return run() }}
	return result, later
}

// beside has work done by another goroutine, and then has the owner do what
// follows.
func (s *Server) beside(work func(), then func(now time.Time)) {
	s.running.Go(func() {
		if s.onCore(work) {
			s.tell(then)
		}
	})
}

// onCore does work when a processor is free for it. It returns false if the Server
// closes before that.
func (s *Server) onCore(work func()) bool {
	select {
	case s.cores <- struct{}{}:
	case <-s.closing:
		return false
	}
	defer func() { <-s.cores }()
	work()
	return true
}

// callsATurn is how many calls are executed before others have their turn. What
// they are unpacked to and decoded to counts, too: so many bytes as one call.
const (
	callsATurn   = 32
	bytesForCall = 32 << 10
)

// spend takes n bytes that a call was unpacked or decoded to off the turn.
func (s *Server) spend(n int) { s.quota -= n / bytesForCall }

// queued is a call, or part of one, that waits for its key's turn.
type queued struct {
	socket *socket
	do     func(now time.Time)

	// unread says that do reads the call first, and forgets it if the socket is closed.
	unread bool
}

// inTurn does something for a call of a key: at once, or when the calls before it
// are done and it is the key's turn.
func (s *Server) inTurn(now time.Time, key *authKey, q queued) {
	if !key.busy && s.quota > 0 {
		s.quota--
		q.do(now)
		return
	}
	k := q.socket
	k.pending++
	key.waiting = append(key.waiting, q)
	if !slices.Contains(k.waitsAt, key) {
		k.waitsAt = append(k.waitsAt, key)
	}
	if !key.busy {
		key.busy = true
		s.ready = append(s.ready, key)
	}
}

// dropWaiting forgets the calls of a closed socket that wait and were not read, and
// so the packet that they are in. The client asks again when it comes back.
func (s *Server) dropWaiting(now time.Time, k *socket) {
	for _, key := range k.waitsAt {
		var dropped []queued
		key.waiting = slices.DeleteFunc(key.waiting, func(q queued) bool {
			drop := q.socket == k && q.unread
			if drop {
				dropped = append(dropped, q)
			}
			return drop
		})
		for _, q := range dropped {
			q.do(now)
			s.unpend(k)
		}
	}
	k.waitsAt = nil
}

// nextTurn gives the key that waited longest its turn.
func (s *Server) nextTurn(now time.Time) {
	key := s.ready[0]
	s.ready = s.ready[1:]
	s.resume(now, key)
}

// resume does what waits for a key, as much as is good for one turn.
func (s *Server) resume(now time.Time, key *authKey) {
	key.busy = false
	s.quota = callsATurn
	for !key.busy && len(key.waiting) > 0 {
		if s.quota <= 0 {
			key.busy = true
			s.ready = append(s.ready, key)
			return
		}
		s.quota--
		next := key.waiting[0]
		key.waiting = key.waiting[1:]
		next.do(now)
		s.unpend(next.socket)
	}
	if len(key.waiting) == 0 {
		key.waiting = nil
	}
}

// runTask has the task of a call done beside the owner and then executes the call
// again.
func (s *Server) runTask(e *errand) {
	key := e.caller.key
	key.busy = true
	e.socket.pending++
	e.order.body = bytes.Clone(e.order.body) // and not all of the packet around it
	s.beside(e.caller.task.do, func(now time.Time) {
		key.busy = false
		s.quota = callsATurn
		s.attempt(now, e)
		s.unpend(e.socket)
		if !key.busy {
			s.resume(now, key)
		}
	})
}

// unpend notes that something that a socket's packet waited for is done.
func (s *Server) unpend(k *socket) {
	k.pending--
	s.endTurn(k)
}

// endTurn lets the reader of a socket go on when its packet is done with.
func (s *Server) endTurn(k *socket) {
	if k == nil || !k.inHand || k.pending > 0 {
		return
	}
	k.inHand, k.waitsAt = false, nil
	s.doneWithPacket(k)
	k.next <- struct{}{}
}

// handshake is the key exchange of a socket, and the random bytes for its next
// step: the owner alone draws them.
type handshake struct {
	*mtproto.ServerHandshake
	random bytes.Reader
	busy   bool
	late   [][]byte // packets that rules have held back until the exchange was busy
}

// stepRandom is more than a step of a key exchange draws.
const stepRandom = 1 << 10

func (s *Server) newHandshake(centre *dataCentre) *handshake {
	h := &handshake{}
	taken := false
	h.ServerHandshake = mtproto.NewServerHandshake(mtproto.ServerHandshakeParams{
		Key: s.cfg.Key, Test: s.cfg.Test, Random: &h.random,
		Taken: func(id mtproto.KeyID) bool {
			_ = s.ask(func(time.Time) { taken = centre.server.HasKey(id) })
			return taken
		},
	})
	return h
}

// exchange goes a step on in the key exchange of a socket.
func (s *Server) exchange(k *socket, packet []byte) {
	if k.handshake == nil {
		k.handshake = s.newHandshake(k.centre)
	}
	h := k.handshake
	if h.busy {
		h.late = append(h.late, packet)
		return
	}
	h.busy = true
	h.random.Reset(s.world.randomBytes(stepRandom))
	k.pending++
	var answer []byte
	var err error
	s.beside(func() { answer, err = h.Receive(time.Now(), packet) }, func(now time.Time) {
		h.busy = false
		s.exchanged(now, k, answer, err)
		if len(h.late) > 0 && !k.shut {
			packet, h.late = h.late[0], h.late[1:]
			s.exchange(k, packet)
		}
		s.unpend(k)
	})
}

// exchanged does what a step of a key exchange has brought about.
func (s *Server) exchanged(now time.Time, k *socket, answer []byte, err error) {
	if e, ok := k.handshake.Done(); ok {
		s.addKey(now, k.centre, e)
		s.heard(k)
	}
	s.write(now, k, answer)
	if err != nil {
		s.cfg.Log.Debug("a key exchange fails", "dc", k.centre.id, "error", err)
		s.gone(now, k)
	}
}
