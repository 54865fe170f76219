package emulator

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/telekey/telekey/mtproto"
)

// dataCentre is one of the Server's data centres: a port, its keys and their
// sessions.
type dataCentre struct {
	id       int
	addr     netip.AddrPort
	listener net.Listener
	server   *mtproto.Server
	keys     map[mtproto.KeyID]*authKey
	order    []mtproto.KeyID // oldest first
}

// maxKeys bounds the keys of all data centres. Making one costs a client little.
const maxKeys = 10_000

func (s *Server) newCentre(id int, l net.Listener) *dataCentre {
	return &dataCentre{
		id:       id,
		listener: l,
		server:   mtproto.NewServer(mtproto.ServerParams{Random: s.cfg.Random, Shared: s.answers, Unpack: s.unpacker}),
		keys:     map[mtproto.KeyID]*authKey{},
	}
}

// receive takes a packet from a socket.
func (s *Server) receive(now time.Time, k *socket, packet []byte, quick bool) {
	s.turn, k.inHand = k, true
	if k.shut {
		return
	}
	s.logPacket(k, "in", len(packet))
	k.frames++
	if r := s.rules.forPacket(k, packet); r != nil {
		s.spoilPacket(now, r, k, packet, quick)
	} else {
		s.take(now, k, packet, quick)
	}
}

// take looks into a packet.
func (s *Server) take(now time.Time, k *socket, packet []byte, quick bool) {
	if k.shut {
		return
	}
	id, ok := mtproto.PacketKey(packet)
	switch {
	case !ok:
		s.refuseSocket(now, k, unknownKey)
	case id == 0:
		s.exchange(k, packet)
	default:
		s.takeEncrypted(now, k, packet, quick)
	}
}

// takeEncrypted opens a packet, lets the rules decide about all calls in it, and
// only then has the first of them executed.
func (s *Server) takeEncrypted(now time.Time, k *socket, packet []byte, quick bool) {
	server := k.centre.server
	s.unpacks = k
	p, err := server.Open(now, k.id, packet)
	if err != nil {
		s.cfg.Log.Debug("a packet is refused", "dc", k.centre.id, "error", err)
	}
	if p == nil {
		return
	}
	if !s.holdForPacket(k, p.Parts()*partMemory) {
		_ = k.conn.Close() // the reader tells that it is gone
		return
	}
	if r := s.decide(k, p); r != nil && !s.spoilCalls(now, r, k, p) {
		return
	}
	server.Accept(now, p)
	s.heard(k)
	if token, ok := server.QuickAck(); quick && ok {
		s.send(k, parcel{token: token, isToken: true})
	}
}

// addKey makes a key known. Where there are too many the oldest that stands for
// nobody is forgotten, or the oldest of all.
func (s *Server) addKey(now time.Time, centre *dataCentre, e mtproto.ServerExchange) {
	if number := max(e.DC, -e.DC); number != 0 && number != centre.id {
		s.cfg.Log.Warn("a client takes this data centre for another", "dc", centre.id, "meant", e.DC)
	}
	if most, all := s.keyCount(); all >= maxKeys {
		s.forget(now, most, most.expendable())
	}
	id := e.Key.ID()
	centre.server.AddKey(now, e.Key, e.Salt, e.ExpiresAt)
	centre.keys[id] = &authKey{dc: centre.id, id: id, temp: e.Temp(), exchange: e}
	centre.order = append(centre.order, id)
}

// keyCount returns the data centre with most keys, and how many all have.
func (s *Server) keyCount() (most *dataCentre, all int) {
	for _, centre := range s.centres {
		if all += len(centre.keys); most == nil || len(centre.keys) > len(most.keys) {
			most = centre
		}
	}
	return most, all
}

func (centre *dataCentre) expendable() mtproto.KeyID {
	for _, id := range centre.order {
		if k := centre.keys[id].countsAs(); k.login == nil && k.pending == nil {
			return id
		}
	}
	return centre.order[0]
}

// forget removes a key and all that stood with it.
func (s *Server) forget(now time.Time, centre *dataCentre, id mtproto.KeyID) {
	k := centre.keys[id]
	if k == nil {
		return
	}
	k.leave()
	k.unbind()
	for _, temp := range tempsOf(centre.keys, k) {
		s.forget(now, centre, temp.id)
	}
	delete(centre.keys, id)
	centre.order = without(centre.order, id)
	centre.server.RemoveKey(now, id)
}

// handle does what the sessions of a data centre ask for.
func (s *Server) handle(now time.Time, centre *dataCentre, e mtproto.ServerEvent) {
	switch e.Kind {
	case mtproto.Write:
		if k := s.sockets[e.Socket]; k != nil {
			if e.Notice {
				s.send(k, parcel{packet: e.Body}) // what a rule does to an answer is not for this
			} else {
				s.write(now, k, e.Body)
			}
		}
	case mtproto.Asked:
		s.onCall(now, centre, e)
	case mtproto.Close:
		if k := s.sockets[e.Socket]; k != nil {
			s.gone(now, k)
		}
	case mtproto.Closed:
		if k := centre.keys[e.Query.Key]; k != nil {
			delete(k.countsAs().quiet, e.Query.Session)
		}
	case mtproto.Destroyed, mtproto.Expired:
		s.forget(now, centre, e.Query.Key)
	}
}

// errand is a call on its way through the server.
type errand struct {
	centre *dataCentre
	socket *socket // that it came on
	query  mtproto.Query
	caller *caller
	order  order

	post  post                       // that codes go out by
	dress func(answer []byte) []byte // makes of the answer what is sent; nil: nothing else
}

// onCall answers a query when it is the turn of its key.
func (s *Server) onCall(now time.Time, centre *dataCentre, e mtproto.ServerEvent) {
	key, k := centre.keys[e.Query.Key], s.sockets[e.Socket]
	if key == nil || k == nil {
		s.answer(now, centre, e)
		return
	}
	s.inTurn(now, key.countsAs(), queued{k, func(now time.Time) { s.answer(now, centre, e) }, true})
}

// answer serves a query, unless a rule was decided to concern it.
func (s *Server) answer(now time.Time, centre *dataCentre, e mtproto.ServerEvent) {
	key := centre.keys[e.Query.Key]
	if key == nil {
		return // removed since; its sessions are, too
	}
	k := s.sockets[e.Socket]
	if k == nil {
		centre.server.Forget(now, e.Query) // the client asks again when it comes back
		return
	}
	// A call that no memory is left for is not executed, and may be repeated.
	if !s.memory.reserve(s.cfg.decodeMemory()) {
		centre.server.Refuse(now, e.Query, outOfMemory.code, outOfMemory.message)
		return
	}
	defer s.memory.release(s.cfg.decodeMemory())
	c := k.caller(key, e.Query)
	call := &errand{centre: centre, socket: k, query: e.Query, caller: c, order: s.world.read(c, e.Body, e.Unpacker)}
	s.spend(s.cfg.decodeMemory() - call.order.memory)
	if r, ok := e.Mark.(*rule); ok {
		s.spoil(now, r, call)
	} else {
		s.serve(now, call)
	}
}

// outOfMemory is what a call is refused with that there is no memory for: what
// Telegram says of trouble of its own, which clients try again.
// https://core.telegram.org/api/errors#500-internal
var outOfMemory = &refusal{500, "MEMORY_LIMIT_EXIT"}

// caller is where a call that came on k comes from.
func (k *socket) caller(key *authKey, q mtproto.Query) *caller {
	return &caller{
		dc: k.centre.id, key: key.countsAs(), session: q.Session, local: k.local,
		wire: key, id: q.ID, keys: k.centre.keys,
	}
}

// serve executes a call, after those of its key that wait for a task.
func (s *Server) serve(now time.Time, e *errand) {
	if e.caller.key.busy {
		s.inTurn(now, e.caller.key, queued{e.socket, func(now time.Time) { s.attempt(now, e) }, false})
		return
	}
	s.attempt(now, e)
}

// attempt executes a call, answers it and sends off what else it has brought
// about; or has the task done that the call waits for.
func (s *Server) attempt(now time.Time, e *errand) {
	if e.centre.keys[e.query.Key] != e.caller.wire {
		return // forgotten while the call was delayed
	}
	s.world.post = e.post
	answer, no := s.world.attempt(e.caller, s.world.accountTime(now), e.order)
	s.world.post = postArrives
	switch {
	case no == later:
		s.runTask(e)
		return
	case no != nil:
		e.centre.server.Refuse(now, e.query, no.code, no.message)
	case e.dress != nil:
		e.centre.server.Answer(now, e.query, e.dress(answer))
	default:
		e.centre.server.Answer(now, e.query, answer)
	}
	s.deliver(now)
	s.dropKeys(now)
}

// deliver sends the updates that wait, each in the layer of its key. A key whose
// client never named its layer could not read one.
func (s *Server) deliver(now time.Time) {
	pushes := s.world.pushes
	s.world.pushes = nil
	for _, p := range pushes {
		centre := s.centre(p.key.dc)
		if p.key.layer == 0 || centre.keys[p.key.id] != p.key || !readable(p.key.layer, p.update) {
			continue
		}
		body, err := s.world.views.write(p.key.layer, p.update)
		if err != nil {
			s.cfg.Log.Error("an update cannot be written in the client's layer; this is a mistake of the emulator",
				"layer", p.key.layer, "error", err)
			continue
		}
		for _, id := range p.key.wires() {
			centre.server.Push(now, id, body, p.key.quietSessions()...)
		}
	}
}

func (s *Server) centre(id int) *dataCentre {
	for _, centre := range s.centres {
		if centre.id == id {
			return centre
		}
	}
	return nil
}

// unknownKey is also what is said to a socket that sends no message at all.
const unknownKey int32 = -404

// refuseSocket ends a socket with a transport error.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func (s *Server) refuseSocket(now time.Time, k *socket, code int32) {
	s.send(k, parcel{packet: binary.LittleEndian.AppendUint32(nil, uint32(code))})
	s.gone(now, k)
}
