package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

func (p *program) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Watch the whole of signing in, against a Telegram inside this command",
		Long: `Start a Telegram inside this command and sign in to it, over the real protocol,
as the user authorization guide of @mtproto/core does: sign-up, sign-in, two-step
verification, resuming and signing out. Each step is shown when it has happened,
with the time since the beginning. Nothing leaves this machine, nothing is kept.

What the steps are made of is in the files demo_*.go, for reading.`,
		Example: `  telekey demo`,
		Args:    arguments(0, 0),
		RunE:    p.run(func(ctx context.Context, _ []string) error { return runDemo(ctx, p.out) }),
	}
}

// demo is a stage: a Telegram, somebody who watches, and a place for sessions.
type demo struct {
	out    io.Writer
	began  time.Time
	server *emulator.Server
	dir    string
}

// runDemo plays the scenes, one after another.
func runDemo(ctx context.Context, out io.Writer) (err error) {
	d := &demo{out: out, began: time.Now()}
	if d.dir, err = os.MkdirTemp("", "telekey-demo-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	d.server, err = emulator.Start(emulator.Config{
		Users: []emulator.User{{Phone: annsPhone, FirstName: "Ann", Password: annsPassword, Hint: "a horse"}},
	})
	if err != nil {
		return err
	}
	defer d.server.Close()
	d.showNetwork()
	for _, scene := range []func(context.Context) error{d.signUp, d.signIn, d.password, d.resume} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "\nOther ways in: telekey login --qr, --passkey, --bot-token-file, --web-token-file.\n"+
		"All of it in %.2f s: signed up, signed in by code, signed in with a password, resumed, signed out.\n",
		time.Since(d.began).Seconds())
	return err
}

func (d *demo) showNetwork() {
	network := d.server.Network()
	d.scene("A Telegram of three data centres starts inside this process")
	for _, option := range network.DCs {
		d.say("data centre %d accepts at %s", option.ID, option.Addr)
	}
	d.say("all prove themselves by one RSA key, fingerprint %016x", fingerprint(network.Keys[0]))
}

// dial connects as any program would that uses the library.
func (d *demo) dial(ctx context.Context, store session.Store) (*telekey.Client, error) {
	c, err := telekey.Dial(ctx, telekey.Config{Network: d.server.Network(), Session: store})
	if err != nil {
		return nil, err
	}
	d.say("connected to data centre %d", c.Home())
	return c, nil
}

// file is a session that outlives its client.
func (d *demo) file(name string) session.Store {
	return session.File(filepath.Join(d.dir, name+".session"))
}

// scene begins a new part of the story.
func (d *demo) scene(format string, args ...any) {
	fmt.Fprintf(d.out, "\n"+format+"\n", args...)
}

// say shows a step that has just happened, and when.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, "  %5.2f s  %s\n", time.Since(d.began).Seconds(), fmt.Sprintf(format, args...))
}

// refused shows a refusal that belongs to the story. Anything else ends it.
func (d *demo) refused(method string, err error, want tg.ErrorType, meaning string, args ...any) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%s: got %v, want the refusal %v", method, err, want)
	}
	refusal := tg.AsError(err)
	d.say("%-21s → %d %s: %s", method, refusal.Code, refusal.Message, fmt.Sprintf(meaning, args...))
	return nil
}

// answered shows an answer.
func (d *demo) answered(method, meaning string, args ...any) {
	d.say("%-21s → %s", method, fmt.Sprintf(meaning, args...))
}
