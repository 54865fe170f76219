// Package mtproto is MTProto 2.0, both ends of it: key exchanges, encrypted
// connections and the sessions that live on them. It has no socket, no clock
// and no goroutine. Its machines are told everything and ask nothing:
//
//   - [Handshake] and [ServerHandshake] agree on a key,
//   - [Conn] is a client's session with one key, over any number of sockets one
//     after the other,
//   - [Server] is all sessions of one data centre.
//
// [SealBinding] and [OpenBinding] are the two ends of binding a temporary key to
// a permanent one, for perfect forward secrecy.
//
// # Usage
//
// All four machines have one shape. Tell the machine what happened: that a
// packet arrived (Receive), that time passed (Advance), that the network came or
// went (Up, Down, Gone), that there is something to send (Send, Answer, Push).
// Then ask it what to do (Next) until it has nothing more. Deadline says when to
// call Advance at the latest if nothing else happens. A loop around a Conn:
//
//	for {
//		for event, ok := conn.Next(); ok; event, ok = conn.Next() { … }
//		wait for a packet, a request, or conn.Deadline()
//		conn.Receive, conn.Send or conn.Advance
//	}
//
// The duties of an owner:
//
//  1. One goroutine at a time. The machines have no locks.
//  2. Times do not go backwards by more than the clock's own corrections do.
//  3. Drain Next after every call, in order, before waiting again. Requests told
//     between two drains travel together in one packet.
//  4. A packet given to Receive belongs to the machine from then on: it is
//     decrypted in place, and the bodies of events may be parts of it.
//  5. A packet in a Write event belongs to the owner, who may give it to Reuse
//     once it is on the wire.
//  6. When Receive of a client's machine returns an error, nothing of the packet
//     was used. Close the socket, tell Down, dial again, tell Up.
//
// Random bytes come from the io.Reader given at the start. It must not fail, as
// crypto/rand's does not; a machine panics if it does, because it can not go on
// in safety.
//
// # What is sent again, and what is not
//
// A Conn writes a request again only if the server surely did not execute it, or
// if it will recognise it by its message id. After a new connection it first
// asks what became of the requests that were under way. When the server has
// forgotten the session, the outcome of those is unknown, and the owner is told
// so by a Lost event.
//
// # Limits
//
// Everything that the other end can make grow is bounded: containers, message
// ids remembered, acknowledgements, unpacked bytes, attempts, and on a server
// sessions per key, answers kept, and salts. What a client's owner sends is its
// own to bound.
//
// A Conn does not ask for future salts: a salt that has expired costs one more
// round trip every half hour. It does not speak HTTP (http_wait).
//
// # Security
//
// Every rule of the security guidelines that concerns this package stands above
// the line that obeys it, and is the subject of a test.
// https://core.telegram.org/mtproto/security_guidelines
package mtproto
