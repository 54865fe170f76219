package emulator

import (
	"time"

	"github.com/telekey/telekey/mtproto"
)

// For perfect forward secrecy a client has two keys: a permanent one, which
// stands for the person and encrypts nothing, and a temporary one, which it has
// bound to the first and which everything travels on.
//
// What a data centre remembers of the client (login, layer, device, codes that
// were asked for) is with the permanent key, and the temporary one points to it.
// https://core.telegram.org/api/pfs

// countsAs returns the key that calls on k are made with: the permanent one if k
// is bound to it, and else k itself.
func (k *authKey) countsAs() *authKey {
	if k.perm != nil && k.perm.bound == k {
		return k.perm
	}
	return k
}

// bindTo makes k, a temporary key, the one that the calls of perm travel on. The
// one before is as good as not bound.
//
// After each binding the client introduces itself anew.
// https://core.telegram.org/api/pfs
func (k *authKey) bindTo(perm *authKey) {
	k.perm, perm.bound = perm, k
	perm.layer, perm.device, perm.quiet = 0, nil, nil
}

// unbind ends what bindTo has begun.
func (k *authKey) unbind() {
	if perm := k.countsAs(); perm != k {
		perm.bound, perm.quiet = nil, nil
	}
}

// wires are the keys by which a client of k may be connected.
func (k *authKey) wires() []mtproto.KeyID {
	if k.bound != nil {
		return []mtproto.KeyID{k.id, k.bound.id}
	}
	return []mtproto.KeyID{k.id}
}

// tempsOf returns the temporary keys that were bound to perm last, those that
// have been replaced by another, too.
func tempsOf(keys map[mtproto.KeyID]*authKey, perm *authKey) (temps []*authKey) {
	if perm.temp {
		return nil
	}
	for _, k := range keys {
		if k.perm == perm {
			temps = append(temps, k)
		}
	}
	return temps
}

// dropKeys forgets the keys that a call has dropped, once it is answered.
func (s *Server) dropKeys(now time.Time) {
	dropped := s.world.dropped
	s.world.dropped = nil
	for _, k := range dropped {
		if centre := s.centre(k.dc); centre.keys[k.id] == k {
			s.forget(now, centre, k.id)
		}
	}
}
