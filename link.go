package telekey

import (
	"context"
	"errors"
	"time"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// link is the connection to one data centre: one MTProto session, over as many
// sockets as it takes, one after the other. Its state belongs to one goroutine,
// the owner; callers hand it orders.
type link struct {
	client *Client
	to     dc.Endpoint
	inbox  chan order
	ended  chan struct{}
	quit   chan struct{} // closed when the link's key is no more
	why    error         // set before ended is closed
	temp   *temporary    // with Config.PFS: the key in use, the owner's; see pfs.go
	spare  spareCalls
}

// order is what a caller wants of the owner.
type order struct {
	call   *call
	cancel bool
	ready  chan<- error // told when the link is up, or that it cannot be
}

// call is one request on its way.
type call struct {
	request    []byte
	repeatable bool
	wrapped    bool         // it went out with initConnection around it
	sent       bool         // it may have reached the server
	req        mtproto.Req  // its name in the session; the owner's
	written    int          // packets of the session, when it was given to it
	done       chan outcome // nil if nobody waits, as for the link's own
}

// end tells the outcome of a call, once. Whoever made it may use its memory for
// another at once.
func (c *call) end(out outcome) {
	if c.done != nil {
		c.done <- out
	}
}

type outcome struct {
	answer []byte
	err    error
}

// errRetired ends a call that a link could not take any more because it was
// closing for idleness; the call is made on a new link.
var errRetired = errors.New("the connection was closed because it was idle")

// idleTime is how long a connection that is not home stays open without calls.
const idleTime = time.Minute

func newLink(c *Client, to dc.Endpoint) *link {
	return &link{client: c, to: to, inbox: make(chan order), ended: make(chan struct{}), quit: make(chan struct{})}
}

// over reports whether the owner has ended.
func (l *link) over() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// run is the owner's life, from the beginning or from a rest.
func (l *link) run(o *owner) {
	if o == nil {
		o = newOwner(l)
	}
	why := o.loop()
	if why == errRest {
		l.client.tasks.Go(func() { l.run(o) })
		return
	}
	l.why = why
	if errors.Is(why, ErrKeyUnknown) {
		l.client.refused(l.to.ID, why)
	}
	close(l.ended) // before its calls end: who makes one again gets another link
	o.close()
}

// give hands an order to the owner.
func (l *link) give(ctx context.Context, o order) error {
	select {
	case l.inbox <- o:
		return nil
	case <-l.ended:
		return l.why
	case <-ctx.Done():
		return ctx.Err()
	}
}

// connect waits until there is a link to a data centre that is up. A link whose
// first call was refused is up, too; a refusal that ends the login is noted, because
// Telegram says why only once.
func (c *Client) connect(ctx context.Context, id int) error {
	for {
		err := c.link(id).ready(ctx)
		if errors.Is(err, errRetired) {
			continue
		}
		if refusal, ok := err.(*tg.Error); ok { // itself: others wrap one that ended the link
			if refusal.Type.EndsLogin() && id == c.Home() {
				c.noteEnd(ctx, refusal)
			}
			return nil
		}
		return err
	}
}

// ready waits until the link is up.
func (l *link) ready(ctx context.Context) error {
	up := make(chan error, 1)
	if err := l.give(ctx, order{ready: up}); err != nil {
		return err
	}
	select {
	case err := <-up:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do makes a call. When ctx ends first, the call is forgotten here and its
// answer dropped; the server may have executed it.
func (l *link) do(ctx context.Context, request []byte, repeatable bool) ([]byte, error) {
	c := l.spare.take()
	c.request, c.repeatable = request, repeatable
	if err := l.give(ctx, order{call: c}); err != nil {
		return nil, err
	}
	select {
	case out := <-c.done:
		l.spare.keep(c)
		return out.answer, out.err
	case <-ctx.Done():
		l.give(context.WithoutCancel(ctx), order{call: c, cancel: true}) // an ended link has forgotten it anyway
		return nil, ctx.Err()
	}
}
