package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/session"
)

// connection is what every client command is told about where to go, and as
// whom.
type connection struct {
	networkFlags
	local   bool
	store   sessionFlags
	appID   appID
	appHash string
	timeout time.Duration

	// plain names what on the command line is a secret, if anything is: other people
	// can read it, so that is for networks other than Telegram's.
	plain string

	// needsUser ends a command at once whose session cannot be signed in.
	needsUser bool

	named dc.Network // the one that flags or the environment name; zero: none
}

func (f *connection) add(cmd *cobra.Command) {
	f.store.add(cmd)
	flags := cmd.Flags()
	f.networkFlags.add(cmd)
	flags.BoolVar(&f.local, "local", false, "a Telegram inside this command, gone when it ends")
	flags.Var(&f.appID, "api-id", "application `id` from https://my.telegram.org (or TELEKEY_API_ID)")
	flags.StringVar(&f.appHash, "api-hash", "", "application `hash` that belongs to the id (or TELEKEY_API_HASH)")
	flags.DurationVar(&f.timeout, "timeout", 0, "`duration` to wait for a connection, and for the answer to each call, as in 20s")
	cmd.MarkFlagsMutuallyExclusive("network", "local", "test")
}

// isSecret notes that the command line holds a secret, unless value is empty.
func (f *connection) isSecret(name, value string) {
	if value != "" {
		f.plain = name
	}
}

// dial takes the session, finds its network and connects. close ends all of
// that.
func (p *program) dial(ctx context.Context, f *connection) (c *client, close func() error, err error) {
	held, err := p.holdFor(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	return p.dialHeld(ctx, f, held)
}

// holdFor takes the session of a command that connects.
func (p *program) holdFor(ctx context.Context, f *connection) (session.Held, error) {
	if f.local {
		f.store.memory = f.store.path == "" // what a Telegram inside the command knows ends with it
		return p.hold(ctx, &f.store, dc.Network{})
	}
	network, err := p.network(&f.networkFlags)
	if err != nil {
		return nil, err
	}
	f.named = network
	return p.hold(ctx, &f.store, network)
}

// dialHeld is dial for a session that is held already.
func (p *program) dialHeld(ctx context.Context, f *connection, held session.Held) (c *client, close func() error, err error) {
	network, end, err := p.where(f, held.Data())
	if err == nil {
		c, err = p.connect(ctx, f, held, network)
	}
	if err != nil {
		return nil, nil, errors.Join(err, end(), held.Release(context.WithoutCancel(ctx)))
	}
	return c, func() error { return errors.Join(c.Close(), end()) }, nil
}

// where is the network to connect to, and what ends it if it is our own.
func (p *program) where(f *connection, data session.Data) (dc.Network, func() error, error) {
	nothing := func() error { return nil }
	network := dc.Production()
	switch {
	case f.local:
		p.enter("a Telegram inside this command")
		return p.inside()
	case !f.named.IsZero():
		network = f.named
	case len(data.Network.DCs) > 0:
		network = data.Network
	}
	p.enter(networkName(network))
	return network, nothing, nil
}

// connect dials network with a session that is held already. When it fails, the
// session still has to be released.
func (p *program) connect(ctx context.Context, f *connection, held session.Held, network dc.Network) (*client, error) {
	if f.plain != "" && network.IsTelegram() {
		return nil, usage("%s on the command line can be read by others, so it is only for --network and --local: leave it out and it is asked for, or read from a file or from standard input", f.plain)
	}
	data := held.Data() // a copy: what Bind changes in it is of no use
	if err := data.Bind(network); err != nil {
		return nil, err
	}
	if f.needsUser && len(data.Keys) == 0 {
		return nil, p.notSignedIn()
	}
	id, hash, err := p.app(f, network)
	if err != nil {
		return nil, err
	}
	w := &patience{longest: f.timeout, network: network}
	if isTerminal(p.err) && !p.json {
		w.screen = p.err
	}
	c := &client{patience: w}
	home := cmp.Or(data.Home, network.Start())
	err = w.wait(ctx, fmt.Sprintf("Connecting to data centre %d", home), func(ctx context.Context) (err error) {
		c.Client, err = telekey.Dial(ctx, telekey.Config{
			AppID: id, AppHash: hash, Network: network, Session: inHand{held}, OnState: w.state,
			Device: telekey.Device{AppVersion: "telekey " + version()},
		})
		return err
	})
	if isA[*telekey.NetworkError](err) {
		err = fmt.Errorf("%w%s", err, stillRunning(network))
	}
	return c, err
}

// inHand is a store whose session is held already.
type inHand struct{ held session.Held }

func (s inHand) Hold(context.Context) (session.Held, error) { return s.held, nil }
