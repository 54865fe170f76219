package mtproto

import "slices"

// window remembers which messages of the other end have been seen, so that none
// is used twice.
//
// The ids of the last messages are stored; one that is among them, or older
// than all of them, is not used.
// https://core.telegram.org/mtproto/security_guidelines#checking-msg-id
type window struct {
	ids   []MsgID // ascending
	floor MsgID   // the newest id no longer stored
}

// windowSize is how many ids are stored at least; up to twice as many are, so
// that forgetting happens in bulk.
const windowSize = 256

// sighting is what a window says of an id.
type sighting uint8

const (
	fresh     sighting = iota // not seen before
	duplicate                 // seen before
	ancient                   // older than what is remembered
)

// see looks an id up and remembers it.
func (w *window) see(id MsgID) sighting {
	if id <= w.floor {
		return ancient
	}
	at, found := w.find(id)
	if found {
		return duplicate
	}
	if len(w.ids) == 2*windowSize {
		w.floor = w.ids[windowSize-1]
		w.ids = slices.Delete(w.ids, 0, windowSize)
		if at -= windowSize; at < 0 {
			return ancient
		}
	}
	w.ids = slices.Insert(w.ids, at, id)
	return fresh
}

// has says whether the id was seen and is remembered.
func (w *window) has(id MsgID) bool {
	_, found := w.find(id)
	return found
}

// remove makes an id one that was not seen.
func (w *window) remove(id MsgID) {
	if at, found := w.find(id); found {
		w.ids = slices.Delete(w.ids, at, at+1)
	}
}

// last returns the highest id seen; 0 for none.
func (w *window) last() MsgID {
	if len(w.ids) == 0 {
		return w.floor
	}
	return w.ids[len(w.ids)-1]
}

// find looks from the end first: most messages come in order.
func (w *window) find(id MsgID) (int, bool) {
	if n := len(w.ids); n == 0 || w.ids[n-1] < id {
		return n, false
	}
	return slices.BinarySearch(w.ids, id)
}

// The state of a message, in one byte, as one end tells it the other.
// https://core.telegram.org/mtproto/service_messages_about_messages#informational-message-regarding-status-of-messages
const (
	stateUnknown   = 1 // too old: it may have been received and forgotten
	stateMissing   = 2 // not received, though ids around it were
	stateTooHigh   = 3 // not received, higher than all that were
	stateReceived  = 4
	stateMask      = 7
	stateAcked     = 8   // an acknowledgement was sent
	stateRunning   = 32  // a query that is being executed, or was
	stateAnswered  = 64  // the answer exists
	stateDelivered = 128 // the other end knows that it was received
)

// state returns the state of an id as far as the window knows. Nothing below
// first, the first message of a session, was received in it.
func (w *window) state(id, first MsgID) byte {
	switch {
	case w.has(id):
		return stateReceived
	case id <= w.floor || id < first:
		return stateUnknown
	case id > w.last():
		return stateTooHigh
	}
	return stateMissing
}
