package telekey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// Client is a connected Telegram client. Its methods may be called from several
// goroutines. Close it when done.
type Client struct {
	cfg     Config // without AppHash
	appHash secret.Text
	held    session.Held
	life    context.Context // ends with the client; its cause says why
	end     context.CancelCauseFunc
	tasks   sync.WaitGroup // every goroutine of the client

	mu          sync.Mutex
	home        int
	links       map[int]*link
	subscribers map[*subscription]struct{}
	listeners   map[*listener]struct{}
}

// Format prints the data centre that calls go to, whatever the verb, and no secret.
func (c *Client) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "telekey.Client(data centre %d)", c.Home())
}

// Dial takes the session and connects to its home, or to where the network
// begins. When it returns, the server has answered: it says hello with
// initConnection and help.getConfig, one round trip, after making an
// authorization key for a new session, which costs three more.
//
// Errors: what the session store says, such as session.ErrHeld and
// session.ErrOtherNetwork; a mistake in cfg, beginning with "config:";
// [*NetworkError] after a few attempts, with [ErrKeyUnproven] in it if an answer denied
// the session's key and that could not be proved; [ErrKeyUnknown]; ctx's error.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	store := cfg.Session
	if store == nil {
		store = new(session.Memory)
	}
	held, err := store.Hold(ctx)
	if err != nil {
		return nil, err
	}
	c, err := open(ctx, cfg, held)
	if err != nil {
		return nil, errors.Join(err, held.Release(ctx))
	}
	if err := c.connect(ctx, c.home); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// open makes a client of a held session, without connecting.
func open(ctx context.Context, cfg Config, held session.Held) (*Client, error) {
	before := held.Data()
	cfg, err := cfg.filled(before)
	if err != nil {
		return nil, err
	}
	if cfg.Session == nil && cfg.Network.IsTelegram() {
		cfg.Log.Warn("the session is kept in memory only: every run is a new login, which Telegram limits; set Config.Session")
	}
	data := before
	data.Home = cmp.Or(data.Home, cfg.Network.Start())
	if err := data.Bind(cfg.Network); err != nil {
		return nil, err
	}
	cfg.Network = data.Network // with the keys that the session knows
	// A session that knows all this is not written.
	if data.Home != before.Home || !reflect.DeepEqual(data.Network, before.Network) {
		err := held.Update(ctx, func(d *session.Data) error {
			d.Home, d.Network = data.Home, data.Network
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	hash := secret.New(cfg.AppHash)
	cfg.AppHash = ""
	c := &Client{cfg: cfg, appHash: hash, held: held, home: data.Home, links: map[int]*link{}, subscribers: map[*subscription]struct{}{}, listeners: map[*listener]struct{}{}}
	if _, ok := cfg.Network.Endpoint(c.home); !ok {
		return nil, fmt.Errorf("config: network: it has no data centre %d, where the session's account lives", c.home)
	}
	c.life, c.end = context.WithCancelCause(context.WithoutCancel(ctx))
	return c, nil
}

// holds reports whether the session is still the client's to use; otherwise it
// ends the client. It is asked before every write to the wire.
func (c *Client) holds() bool {
	if until := c.held.Until(); !until.IsZero() && time.Now().After(until) {
		c.end(ErrSessionLost)
		return false
	}
	return true
}

// Close ends every connection and goroutine of the client and lets the session
// go. Calls under way end with [ErrClosed]. Closing again does nothing.
func (c *Client) Close() error {
	c.mu.Lock() // so that no link begins after this
	c.end(ErrClosed)
	c.mu.Unlock()
	c.tasks.Wait()
	c.wipe()
	return c.held.Release(context.WithoutCancel(c.life))
}

func (c *Client) closed() bool { return c.life.Err() != nil }

// Invoke makes a call on the account's home: see [tg.Invoker].
func (c *Client) Invoke(ctx context.Context, request []byte) (answer []byte, err error) {
	v := view{client: c, follow: true, maxFlood: c.cfg.MaxFlood} // on the stack: each call comes through here
	return v.Invoke(ctx, request)
}

// link returns the connection to a data centre, and opens it if there is none.
func (c *Client) link(id int) *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.links[id]
	if before != nil && !before.over() {
		return before
	}
	endpoint, _ := c.cfg.Network.Endpoint(id)
	l := newLink(c, endpoint)
	if c.closed() {
		l.why = context.Cause(c.life)
		close(l.ended)
		return l
	}
	if before != nil {
		l.temp = before.temp
	}
	c.links[id] = l
	c.tasks.Go(func() { l.run(nil) })
	return l
}

// Home is the number of the data centre that calls go to.
func (c *Client) Home() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.home
}

// Move makes another data centre of the network the home, and remembers it.
// Authorizations stay behind: Move is for signing in, before there is one.
func (c *Client) Move(ctx context.Context, id int) error {
	if _, ok := c.cfg.Network.Endpoint(id); !ok {
		return fmt.Errorf("got data centre %d, want one of the network: its file lists %d of them", id, len(c.cfg.Network.DCs))
	}
	if err := c.connect(ctx, id); err != nil {
		return err
	}
	err := c.held.Update(ctx, func(d *session.Data) error {
		d.Home = id
		return nil
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	from := c.home
	c.home = id
	c.mu.Unlock()
	c.cfg.Log.Info("moved", "from", from, "to", id) // unlocked: a log handler may ask the client
	return nil
}

// App returns the application's id and hash, which some methods want.
func (c *Client) App() (id int, hash string) { return c.cfg.AppID, c.appHash.Reveal() }

// Session is a copy of what the session holds now.
func (c *Client) Session() session.Data { return c.held.Data() }

// Remember changes the session; the change is durable when Remember returns nil.
func (c *Client) Remember(ctx context.Context, change func(*session.Data) error) error {
	return c.held.Update(ctx, change)
}

// On makes calls on one data centre, 0 being the home of the moment, as signing
// in wants them: they are not followed anywhere else, FLOOD_WAIT is returned at
// once, and they are made again when their outcome is unknown. A code that is sent
// twice, or shown twice on the same key, does no harm.
func (c *Client) On(id int) tg.Invoker {
	return c.With(DC(id), Follow(false), Repeatable(), MaxFlood(-1))
}

// AtOnce makes calls as Invoke does, except that it returns FLOOD_WAIT at once.
func (c *Client) AtOnce() tg.Invoker { return c.With(MaxFlood(-1)) }

// MaxFlood is [Config.MaxFlood], never zero.
func (c *Client) MaxFlood() time.Duration { return c.cfg.MaxFlood }
