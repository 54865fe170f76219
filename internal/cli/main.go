// Package cli is what the telekey command does. Everything comes in as an
// argument (input, output, environment) and goes out as an exit code, so that
// tests run commands as functions.
//
// Every command is one file: a constructor that says the flags, and a function
// that does it. A command writes to standard output only when all went well, and
// all at once; demo and watch, which show things as they happen, are the exceptions.
//
// # Exit codes
//
//	0  done
//	1  any other error
//	2  usage: a flag, an argument, an answer that nobody is there to give
//	3  refused by Telegram
//	4  the network
//	5  the session is held by another process
//	6  not signed in, also with a login that waits for its password
//	7  signed in, but Telegram has frozen the account, which can only be read
//	130, 143  ended by Ctrl-C, by SIGTERM
//
// An error is one sentence on standard error, or with --json
//
//	{"error":{"code":400,"type":"PHONE_CODE_INVALID","arg":0,"message":"…"}}
//
// code, type and arg are Telegram's when it is Telegram who refuses. Otherwise
// code is 0, and type is one of the names in fault.go, which do not change. What
// is too new for something, a login or a password, has "until": when it will do.
//
// # Secrets
//
// Codes, passwords, tokens and login links are asked on the terminal or read from
// files, and never printed. On networks that are not Telegram's the command line
// may hold them.
package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/internal/input"
)

// Main runs the command line args, without the program's name, and returns the
// exit code. env is in the form of os.Environ. The end of ctx ends what is under
// way; for the emulator that is the ordinary end.
func Main(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{env: env, in: stdin, out: stdout, err: stderr}
	root := p.root()
	root.SetArgs(append([]string{}, idsLast(args)...)) // cobra takes nil for "look at os.Args"
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if !p.running { // no command was reached: its flags or arguments are wrong
		p.json = p.json || asksForJSON(args)
		err = usage("%v: see %s --help", err, reached(root, args))
	}
	return p.fail(ctx, err)
}

// program is one run of the command.
type program struct {
	env     []string
	in      io.Reader
	out     io.Writer
	err     io.Writer
	json    bool
	running bool // a command has been reached and its flags are right

	place     string // the name of the network, until a result says it; "": Telegram's
	announced bool   // the person at the terminal has been told it
	session   string // the path of the session; "": it is in memory, or not known

	inputFor string // the flag that reads standard input; "": none
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "telekey",
		Short: "Sign in to Telegram, or to a Telegram of your own on this machine",
		Long: `Sign in to Telegram, call its API, or run a Telegram of your own on this machine.

Exit codes: 0 done, 1 other, 2 usage, 3 refused by Telegram, 4 network,
5 session held by another process, 6 not signed in, 7 account frozen,
130 and 143 ended by Ctrl-C and SIGTERM.`,
		Example: `  telekey demo
  telekey emulator --ready-file network.json
  telekey login --network network.json --session me.session --phone +9996621234
  telekey call users.getFullUser '{"id":{"_":"inputUserSelf"}}' --session me.session`,
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true,
	}
	root.PersistentFlags().BoolVar(&p.json, "json", false, "print JSON, errors too")
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.AddCommand(
		p.loginCommand(), p.whoamiCommand(), p.callCommand(), p.logoutCommand(),
		p.passwordCommand(), p.emailCommand(), p.phoneCommand(), p.accountCommand(), p.devicesCommand(),
		p.passkeyCommand(), p.watchCommand(),
		p.sessionCommand(), p.emulatorCommand(), p.tdlibCommand(), p.demoCommand(), p.versionCommand())
	return root
}

// group is a command that only has commands below it.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(commands...)
	return cmd
}

// run makes a cobra function of a command's own, and notes that it was reached.
func (p *program) run(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		p.running = true
		return do(cmd.Context(), args)
	}
}

// arguments checks how many arguments there are. It does not repeat them: one
// may be a secret in the wrong place.
func arguments(least, most int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		want := fmt.Sprintf("%d to %d", least, most)
		switch {
		case most == 0:
			want = "none"
		case least == most:
			want = fmt.Sprint(most)
		}
		return fmt.Errorf("got %d arguments, want %s", len(args), want)
	}
}

// asksForJSON looks for --json in a command line that could not be read.
func asksForJSON(args []string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}

// reached is the command that args lead to, for the hint at its help.
func reached(root *cobra.Command, args []string) string {
	if cmd, _, err := root.Find(args); err == nil {
		return cmd.CommandPath()
	}
	return root.Name()
}

// setting is an environment variable of telekey's own, without the blanks and line
// ends that files of such variables leave around it.
func (p *program) setting(name string) string { return input.Trim(p.getenv(name)) }

// getenv is the value of an environment variable, or "".
func (p *program) getenv(name string) string {
	for _, entry := range slices.Backward(p.env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
