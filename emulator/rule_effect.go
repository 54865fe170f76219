package emulator

import (
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tl"
)

// fate is what becomes of the next packet to a client.
type fate int

const (
	arrives    fate = iota
	getsLost        // as if it had been sent
	cutBefore       // the connection ends instead
	cutBehind       // it is the last one
	cutThrough      // half of its frame is
)

// write sends a packet to a socket, as its fate has it.
func (s *Server) write(now time.Time, k *socket, packet []byte) {
	s.logPacket(k, "out", len(packet))
	f := k.fate
	k.fate = arrives
	switch f {
	case getsLost:
		return
	case cutThrough:
		s.send(k, parcel{packet: packet, torn: true})
	case arrives, cutBehind:
		s.send(k, parcel{packet: packet})
	}
	if f != arrives {
		s.gone(now, k)
	}
}

// hinder does to a socket what a rule says, and says whether what came on it is
// to be taken all the same.
func (s *Server) hinder(now time.Time, r *rule, k *socket) (take bool) {
	switch {
	case r.Do == "transport_error":
		s.refuseSocket(now, k, int32(r.Code))
		return false
	case r.Do == "cut" && r.When == before:
		s.gone(now, k)
		return false
	case r.When == before:
		return false
	case r.Do == "drop":
		k.fate = getsLost
	case r.When == afterwards:
		k.fate = cutBefore
	case r.When == answered:
		k.fate = cutBehind
	case r.When == midway:
		k.fate = cutThrough
	}
	return true
}

// spoilPacket does what a rule says to a packet that has just come.
func (s *Server) spoilPacket(now time.Time, r *rule, k *socket, packet []byte, quick bool) {
	s.cfg.Log.Info("a rule is obeyed", "rule", int(r.ID), "do", r.Do, "when", r.When, "dc", k.centre.id, "frame", k.frames)
	if r.Do == "delay" {
		s.in(now, r.Delay, len(packet), func(now time.Time) { s.take(now, k, packet, quick) })
	} else if s.hinder(now, r, k) {
		s.take(now, k, packet, quick)
	}
}

// spoilCalls does what a rule says to a packet of calls, none of which has been
// executed, and says whether the packet is to be accepted all the same.
func (s *Server) spoilCalls(now time.Time, r *rule, k *socket, p *mtproto.Packet) (accept bool) {
	q := p.Query(0)
	s.cfg.Log.Info("a rule is obeyed", "rule", int(r.ID), "do", r.Do, "when", r.When, "dc", k.centre.id, "method", r.Method)
	switch r.Do {
	case "bad_salt":
		k.centre.server.RefuseSalt(now, p)
	case "forget_session":
		if r.When == afterwards {
			return true // the first call has them forgotten before it is executed, so that none is answered
		}
		s.forgetSessions(now, k.centre, q.Key)
	case "forget_key":
		s.forget(now, k.centre, q.Key)
		s.refuseSocket(now, k, unknownKey)
	default: // what also happens to packets
		return s.hinder(now, r, k)
	}
	return false
}

// spoil does what a rule says to a call that has not been executed yet.
func (s *Server) spoil(now time.Time, r *rule, e *errand) {
	if !r.concernsPacket() {
		s.cfg.Log.Info("a rule is obeyed", "rule", int(r.ID), "do", r.Do, "when", r.When, "dc", e.centre.id, "method", e.order.method)
	}
	switch r.Do {
	case "error":
		e.centre.server.Refuse(now, e.query, r.Code, r.Message)
	case "challenge":
		e.centre.server.Refuse(now, e.query, 403, r.Message)
	case "delay":
		s.in(now, r.Delay, len(e.order.body), func(now time.Time) { s.serve(now, e) })
	case "gzip":
		e.dress = mtproto.Pack
		s.serve(now, e)
	case "unknown_constructor":
		e.dress = func([]byte) []byte { return tl.AppendUint32(nil, noConstructor) }
		s.serve(now, e)
	case "forget_session":
		s.forgetSessions(now, e.centre, e.query.Key)
		s.serve(now, e) // there is no session any more to answer
	case "lose_code":
		e.post = postLost
		s.serve(now, e)
	case "expire_code":
		e.caller.key.expireCodes(s.world.accountTime(now))
		e.post = postLate
		s.serve(now, e)
	default: // what also happens to packets
		s.hinder(now, r, e.socket)
		s.serve(now, e)
	}
}

// noConstructor is no constructor of any schema.
const noConstructor = 0x7e1e0bad

// forgetSessions makes a data centre forget what it knows of the sessions of a
// key. Key and login stay, and so does the first salt.
func (s *Server) forgetSessions(now time.Time, centre *dataCentre, id mtproto.KeyID) {
	was := centre.keys[id].exchange
	centre.server.RemoveKey(now, id)
	centre.server.AddKey(now, was.Key, was.Salt, was.ExpiresAt)
}

// delayed is what a rule has put off.
type delayed struct {
	until time.Time
	size  int // bytes that it keeps
	do    func(now time.Time)
}

// Bounds of what is put off. What exceeds them is done at once.
const (
	maxDelayed      = 10_000
	maxDelayedBytes = 16 << 20
)

// in does something that keeps size bytes when d has passed.
func (s *Server) in(now time.Time, d time.Duration, size int, do func(now time.Time)) {
	if len(s.delayed) >= maxDelayed || s.delayedBytes+size > maxDelayedBytes {
		do(now)
		return
	}
	s.delayedBytes += size
	s.delayed = append(s.delayed, delayed{now.Add(d), size, do})
}

// doDelayed does what was put off until now, in the order in which it came.
func (s *Server) doDelayed(now time.Time) {
	due := s.delayed
	s.delayed = nil
	for _, d := range due {
		if now.Before(d.until) {
			s.delayed = append(s.delayed, d)
		} else {
			s.delayedBytes -= d.size
			d.do(now)
		}
	}
}
