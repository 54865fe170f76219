package mtproto

import (
	"fmt"
	"slices"
)

// Kind is what an event is about.
type Kind uint8

// The kinds of a Conn's events.
const (
	_       Kind = iota
	Write        // send Body as one packet, on a server to Socket
	Answer       // Req was answered with Body
	Refused      // Req was refused: by the server with Code and Message, or by the Conn with Err
	Lost         // the server forgot the session before it answered Req: it may have been executed
	Pushed       // Body came unasked: an update
	Changed      // Salt and Offset have changed: worth storing
	Renewed      // the server began the session anew: updates may have been missed
	Missed       // an update was dropped because of its age: ask for what was missed
	Stalled      // nothing comes any more: close the socket, tell Down, dial again
)

// The kinds of a Server's events, beside Write.
const (
	Asked     Kind = Stalled + 1 + iota // Query asks Body of the server: tell Answer or Refuse
	Close                               // close Socket once its packets are written, then tell Gone
	Opened                              // the session of Query exists from now on
	Closed                              // the session of Query exists no longer
	Destroyed                           // a client asked, by Query, to destroy its key: tell RemoveKey
	Expired                             // the key of Query lived until now and is removed
)

var kinds = [...]string{
	Write: "write", Answer: "answer", Refused: "refused", Lost: "lost", Pushed: "pushed",
	Changed: "changed", Renewed: "renewed", Missed: "missed", Stalled: "stalled", Asked: "asked", Close: "close",
	Opened: "opened", Closed: "closed", Destroyed: "destroyed", Expired: "expired",
}

// String returns the kind's name, in lower case.
func (k Kind) String() string {
	if int(k) < len(kinds) && kinds[k] != "" {
		return kinds[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// queue is a first-in, first-out queue that keeps its memory, within limits.
type queue[T any] struct {
	items []T
	head  int
}

// longQueue is how many places an empty queue keeps.
const longQueue = 64

// push adds an item. A queue that is never empty takes no more memory than the
// items in it need.
func (q *queue[T]) push(v T) {
	if q.head >= longQueue && q.head >= len(q.items)/2 {
		left := copy(q.items, q.items[q.head:])
		clear(q.items[left:])
		q.items, q.head = q.items[:left], 0
	}
	q.items = append(q.items, v)
}

// remove takes out the items for which unwanted holds.
func (q *queue[T]) remove(unwanted func(T) bool) {
	if !q.empty() {
		q.items = slices.DeleteFunc(q.items[q.head:], unwanted)
		q.head = 0
	}
}

func (q *queue[T]) empty() bool { return q.head == len(q.items) }

func (q *queue[T]) pop() (v T, ok bool) {
	if q.empty() {
		return v, false
	}
	// What has been taken must not be held on to.
	v, q.items[q.head] = q.items[q.head], v
	q.head++
	if q.empty() {
		q.head, q.items = 0, q.items[:0]
		if cap(q.items) > longQueue {
			q.items = nil
		}
	}
	return v, true
}
