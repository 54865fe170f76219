package emulator

import (
	"math/rand/v2"
	"slices"

	"github.com/telekey/telekey/mtproto"
)

// A packet may hold several calls. Real servers lose, refuse and forget packets,
// not calls: what a rule does to a packet is decided before any call of it is
// executed, and before the wrappers around them take effect.

// concernsPacket says whether what the rule does happens to the whole packet that
// a call came in.
func (r *rule) concernsPacket() bool {
	switch r.Do {
	case "bad_salt", "forget_session", "forget_key", "transport_error":
		return true
	case "drop", "cut":
		return r.When == before
	}
	return false
}

// decide has each call of a packet carry the rule that it goes to. A rule that
// concerns the packet is returned instead: then the packet's other calls have
// gone to no rule.
func (s *Server) decide(k *socket, p *mtproto.Packet) *rule {
	key := k.centre.keys[p.Query(0).Key]
	if key == nil || !s.rules.aboutCalls() {
		return nil
	}
	counts := s.rules.counts()
	marks := map[mtproto.MsgID]*rule{}
	layer := key.countsAs().layer
	calls := p.Calls()
	for _, call := range calls {
		o := s.world.decode(layer, call.Body, call.Unpacker)
		layer = o.layer
		r := s.rules.forCall(k.caller(key, p.Query(call.ID)), o)
		switch {
		case r == nil:
		case r.concernsPacket():
			s.rules.restore(counts, r)
			p.Mark(calls[0].ID, r) // for what it does to a packet that is accepted
			return r
		default:
			marks[call.ID] = r
		}
	}
	for id, r := range marks {
		p.Mark(id, r)
	}
	return nil
}

// forCall returns the rule that a call goes to.
func (rs *rules) forCall(c *caller, o order) *rule {
	method := o.method
	if method == "" {
		method = "*"
	}
	return rs.take(occasion{dc: c.dc, method: method, phones: phones(c, o.request), shown: o.shown})
}

// aboutCalls says whether any rule is about calls.
func (rs *rules) aboutCalls() bool {
	return slices.ContainsFunc(rs.list, func(r *rule) bool { return r.Method != "" })
}

// count is how far a rule has counted.
type count struct {
	matched, fired int
	dice           dice
}

// counts returns how far each rule has counted.
func (rs *rules) counts() (list []count) {
	for _, r := range rs.list {
		one := count{matched: r.Matched, fired: r.Fired}
		if r.dice != nil {
			one.dice = *r.dice
		}
		list = append(list, one)
	}
	return list
}

// restore undoes what all rules but one have counted since.
func (rs *rules) restore(list []count, except *rule) {
	for i, r := range rs.list {
		if r == except {
			continue
		}
		r.Matched, r.Fired = list[i].matched, list[i].fired
		if r.dice != nil {
			*r.dice = list[i].dice
		}
	}
}

// dice draw what rules leave to chance. A copy draws the same.
type dice struct{ source rand.PCG }

func newDice(seed uint64) *dice { return &dice{*rand.NewPCG(seed, 0)} }

// roll draws a number from 0 up to 1.
func (d *dice) roll() float64 { return rand.New(&d.source).Float64() }
