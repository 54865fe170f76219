package mtproto

import (
	"fmt"
	"time"
)

// MsgID names a message within a session: roughly the time at which it was
// made, by the server's clock, in units of 2⁻³² s.
// https://core.telegram.org/mtproto/description#message-identifier-msg-id
type MsgID int64

// Time returns when the message was made, if its sender kept to the rules.
func (id MsgID) Time() time.Time {
	seconds, fraction := int64(id)>>32, int64(id)&(1<<32-1)
	return time.Unix(seconds, fraction*int64(time.Second)>>32)
}

// String returns the id as 16 hexadecimal digits.
func (id MsgID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

// SessionID names a session of a key. The client chooses it at random.
// https://core.telegram.org/mtproto/description#session
type SessionID int64

// String returns the id as 16 hexadecimal digits.
func (id SessionID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

// Salt is the server salt, a number that every message carries and that the
// server changes every half hour.
// https://core.telegram.org/mtproto/description#server-salt
type Salt int64

// String returns the salt as 16 hexadecimal digits.
func (s Salt) String() string { return fmt.Sprintf("%016x", uint64(s)) }

// KeyID names an auth key on the wire, unencrypted: the last 8 bytes of its
// SHA1. Zero stands for no key.
// https://core.telegram.org/mtproto/description#key-identifier-auth-key-id
type KeyID int64

// String returns the id as 16 hexadecimal digits.
func (id KeyID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

// The two lowest bits of a message id say who speaks.
// https://core.telegram.org/mtproto/description#message-identifier-msg-id
const (
	fromClient MsgID = 0 // divisible by 4
	isAnswer   MsgID = 1 // the server, to a message of the client
	isNotice   MsgID = 3 // the server, unasked
)

// idAt returns the message id for a moment of the server's clock, its two
// lowest bits clear.
func idAt(t time.Time) MsgID {
	return MsgID(t.Unix()<<32|int64(t.Nanosecond())<<32/int64(time.Second)) &^ 3
}

// idClock makes message ids.
type idClock struct {
	offset time.Duration // the server's clock less ours
	last   MsgID
	leaps  [4]MsgID // the last ones before ids leapt ahead, newest first
}

// next returns an id for a message made now.
//
// Ids increase strictly within a session, whatever the clock does.
// https://core.telegram.org/mtproto/description#message-identifier-msg-id
func (c *idClock) next(now time.Time, low MsgID) MsgID {
	id, previous := idAt(now.Add(c.offset)), c.last&^3
	switch {
	case id <= previous:
		id = previous + 4
	case id.Time().Sub(previous.Time()) > maxAhead:
		copy(c.leaps[1:], c.leaps[:])
		c.leaps[0] = c.last
	}
	c.last = id | low
	return c.last
}

// set makes the clock show the time of a message that is being received.
//
// Ids only increase, and so those that were too far ahead would hold up the
// right ones. But they were refused: numbering goes on from before them.
func (c *idClock) set(now time.Time, id MsgID) {
	c.offset = id.Time().Sub(now)
	for c.last != 0 && c.age(now, c.last) < -maxAhead {
		c.last = c.leaps[0]
		copy(c.leaps[:], c.leaps[1:])
		c.leaps[len(c.leaps)-1] = 0
	}
}

// A receiver does not believe a message that seems older, or further ahead,
// than this.
// https://core.telegram.org/mtproto/security_guidelines#checking-msg-id
const (
	maxAge   = 300 * time.Second
	maxAhead = 30 * time.Second
)

// age returns how old a message is by the server's clock as we know it;
// negative says that it comes from the future.
func (c *idClock) age(now time.Time, id MsgID) time.Duration {
	return now.Add(c.offset).Sub(id.Time())
}

// timely says whether a message's id fits the time.
func (c *idClock) timely(now time.Time, id MsgID) bool {
	age := c.age(now, id)
	return -maxAhead <= age && age <= maxAge
}
