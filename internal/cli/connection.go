package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/session"
)

// connection is what every client command is told about where to go, and as
// whom.
type connection struct {
	network string // a network file
	local   bool
	test    bool
	store   sessionFlags
	appID   int
	appHash string

	// plain names what on the command line is a secret, if anything is: other people
	// can read it, so that is for networks other than Telegram's.
	plain string

	// needsUser ends a command at once whose session cannot be signed in.
	needsUser bool
}

func (f *connection) add(cmd *cobra.Command) {
	f.store.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.network, "network", "", "network `file`, as telekey emulator writes it")
	flags.BoolVar(&f.local, "local", false, "a Telegram inside this command, gone when it ends")
	flags.BoolVar(&f.test, "test", false, "Telegram's test servers")
	flags.IntVar(&f.appID, "api-id", 0, "application `id` from https://my.telegram.org (or TELEKEY_API_ID)")
	flags.StringVar(&f.appHash, "api-hash", "", "application `hash` that belongs to the id (or TELEKEY_API_HASH)")
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
func (p *program) dial(ctx context.Context, f *connection) (c *telekey.Client, close func() error, err error) {
	if f.local && f.store.path == "" {
		f.store.memory = true // what a Telegram inside the command knows ends with it
	}
	held, err := p.hold(ctx, &f.store)
	if err != nil {
		return nil, nil, err
	}
	return p.dialHeld(ctx, f, held)
}

// dialHeld is dial for who has the session already.
func (p *program) dialHeld(ctx context.Context, f *connection, held session.Held) (c *telekey.Client, close func() error, err error) {
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
	switch {
	case f.network != "":
		network, err := dc.ReadFile(f.network)
		if err != nil {
			return network, nothing, config("%v", err)
		}
		return network, nothing, nil
	case f.test:
		return dc.Test(), nothing, nil
	case f.local:
		return p.inside()
	case len(data.Network.DCs) > 0:
		return data.Network, nothing, nil
	}
	return dc.Production(), nothing, nil
}

// connect dials network with a session that is held already. When it fails, the
// session still has to be released.
func (p *program) connect(ctx context.Context, f *connection, held session.Held, network dc.Network) (*telekey.Client, error) {
	if f.plain != "" && network.IsTelegram() {
		return nil, usage("%s on the command line can be read by others, so it is only for --network and --local: leave it out and it is asked for, or read from a file or from standard input", f.plain)
	}
	data := held.Data() // a copy: what Bind changes in it is of no use
	if err := data.Bind(network); err != nil {
		return nil, err
	}
	if f.needsUser && len(data.Keys) == 0 {
		return nil, notSignedIn()
	}
	id, hash, err := p.app(f, network)
	if err != nil {
		return nil, err
	}
	c, err := telekey.Dial(ctx, telekey.Config{
		AppID: id, AppHash: hash, Network: network, Session: inHand{held},
		Device: telekey.Device{AppVersion: "telekey " + version()},
	})
	if isA[*telekey.NetworkError](err) && !network.IsTelegram() {
		err = fmt.Errorf("%w: is the emulator of this network still running?", err)
	}
	return c, err
}

// inHand is a store whose session is held already.
type inHand struct{ held session.Held }

func (s inHand) Hold(context.Context) (session.Held, error) { return s.held, nil }

// What a network of one's own is told, which takes any application.
const (
	localAppID   = 12345
	localAppHash = "0123456789abcdef0123456789abcdef"
)

// app is the application's id and hash: from flags, from the environment, or on
// a network that is not Telegram's made up.
func (p *program) app(f *connection, network dc.Network) (id int, hash string, err error) {
	id, hash = f.appID, cmp.Or(f.appHash, p.getenv("TELEKEY_API_HASH"))
	if text := p.getenv("TELEKEY_API_ID"); id == 0 && text != "" {
		if id, err = strconv.Atoi(text); err != nil {
			return 0, "", config("TELEKEY_API_ID is no number: take it from https://my.telegram.org")
		}
	}
	switch {
	case !network.IsTelegram():
		id, hash = cmp.Or(id, localAppID), cmp.Or(hash, localAppHash)
	case id == 0 || hash == "":
		return 0, "", config("Telegram wants an application's id and hash: get them at https://my.telegram.org and give --api-id and --api-hash, or set TELEKEY_API_ID and TELEKEY_API_HASH")
	}
	if id < 0 {
		return 0, "", config("the application's id is negative: take it from https://my.telegram.org")
	}
	return id, hash, nil
}

// sessionFlags are the flags that say which session.
type sessionFlags struct {
	path   string
	wait   time.Duration
	memory bool // forget it all at the end
}

func (f *sessionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "session", "", "session `file` (or TELEKEY_SESSION; otherwise default.session in the user's state directory)")
	cmd.Flags().DurationVar(&f.wait, "wait", 0, "`duration` to wait for a session that another process holds, as in 10s")
}

// hold takes the session, at once or within the time that --wait allows.
func (p *program) hold(ctx context.Context, f *sessionFlags) (session.Held, error) {
	if f.memory {
		return new(session.Memory).Hold(ctx)
	}
	path, err := p.sessionPath(f)
	if err != nil {
		return nil, err
	}
	if f.wait <= 0 {
		return session.File(path).Hold(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, f.wait, fmt.Errorf("--wait %v is over", f.wait))
	defer cancel()
	return session.Wait(ctx, session.File(path))
}

// sessionPath is where the session is. The directory of the default one is made
// if need be; that of any other is the user's own affair.
func (p *program) sessionPath(f *sessionFlags) (string, error) {
	if path := cmp.Or(f.path, p.getenv("TELEKEY_SESSION")); path != "" {
		return path, nil
	}
	dir, err := p.stateDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("the default session has no place: %w: give --session", err)
	}
	return filepath.Join(dir, "default.session"), nil
}

// stateDir is where the system wants a program to keep what is one user's own.
//
// https://specifications.freedesktop.org/basedir-spec/latest/
func (p *program) stateDir() (string, error) {
	home, parts := p.getenv("HOME"), []string{".local", "state"}
	switch runtime.GOOS {
	case "windows":
		home, parts = p.getenv("LocalAppData"), nil
	case "darwin":
		parts = []string{"Library", "Application Support"}
	default:
		if xdg := p.getenv("XDG_STATE_HOME"); filepath.IsAbs(xdg) {
			home, parts = xdg, nil
		}
	}
	if home == "" {
		return "", config("the default session has no place, because the environment names no home directory: give --session")
	}
	return filepath.Join(append(append([]string{home}, parts...), "telekey")...), nil
}
