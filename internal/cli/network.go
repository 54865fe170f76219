package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/telekey/telekey/dc"
)

// networkFlags say which network. Without any of them it is the session's own; for
// a new session, Telegram's.
type networkFlags struct {
	file string
	test bool
}

func (f *networkFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "network", "", "network `file`, as telekey emulator writes it (or TELEKEY_NETWORK)")
	cmd.Flags().BoolVar(&f.test, "test", false, "Telegram's test servers")
	cmd.MarkFlagsMutuallyExclusive("network", "test")
}

// network is the one that the flags name, or else the environment; the zero network
// if neither does.
func (p *program) network(f *networkFlags) (dc.Network, error) {
	if f.test {
		return dc.Test(), nil
	}
	path, from := f.file, ""
	if path == "" {
		path, from = p.setting("TELEKEY_NETWORK"), "TELEKEY_NETWORK: "
	}
	if path == "" {
		return dc.Network{}, nil
	}
	network, err := dc.ReadFile(path)
	if err != nil {
		return network, config("%s%v", from, err)
	}
	return network, nil
}

// networkName is how a person knows a network; empty: Telegram itself.
func networkName(n dc.Network) string {
	switch n.Identity() {
	case dc.Production().Identity():
		return ""
	case dc.Test().Identity():
		return "Telegram's test servers"
	}
	endpoint, _ := n.Endpoint(n.Start())
	return "emulator " + endpoint.Addr
}

// defaultSession is the file name of a network's default session. Each network has
// its own: a session of an emulator is never the one that a command for Telegram
// takes.
func defaultSession(n dc.Network) string {
	switch identity := n.Identity(); {
	case n.IsZero(), identity == dc.Production().Identity():
		return "default.session"
	case identity == dc.Test().Identity():
		return "test.session"
	default:
		return "emulator-" + identity + ".session"
	}
}

// enter notes on which network the command works. A person at a terminal is told at
// once, unless it is Telegram's: before any question.
func (p *program) enter(name string) {
	p.place = name
	if name != "" && !p.json && (p.terminal() != nil || isTerminal(p.err)) {
		fmt.Fprintf(p.err, "(%s)\n", name)
		p.announced = true
	}
}

// onNetwork is what the first line of a result ends in on any network but
// Telegram's.
func (p *program) onNetwork() string {
	name := p.place
	if p.place = ""; name == "" {
		return ""
	}
	return " (" + name + ")"
}

// isTerminal reports whether what is written to w is seen by a person.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
