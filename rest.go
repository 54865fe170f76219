package telekey

import (
	"errors"
	"time"
)

// A link that has nothing to do rests: it lets go of what it has kept for the next
// calls, and its owner goes on in another goroutine, because a stack that has
// grown never shrinks to what waiting needs. A program may have thousands of
// clients, and most of them wait.

// restAfter is how long a link has had no calls before it rests.
const restAfter = time.Second

// errRest ends the loop of a link that goes to rest. Nobody else sees it.
var errRest = errors.New("the link rests")

// restAt is when to rest; zero for never.
func (o *owner) restAt() time.Time {
	if o.rested || o.conn == nil || o.sock == nil || !o.greeted || len(o.calls)+len(o.aside) > 0 {
		return time.Time{}
	}
	return o.idle.Add(restAfter)
}

// rest lets go of what only saves work, after doing what is to be done: where the
// owner goes on, it only waits.
func (o *owner) rest() error {
	if err := o.drain(); err != nil {
		return err
	}
	o.rested = true
	o.spare.drop()
	o.sock.rest()
	o.conn.Rest()
	o.schedule()
	return errRest
}
