package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/display"
	"github.com/telekey/telekey/session"
)

// loginFlags are the flags of telekey login.
type loginFlags struct {
	connection
	answerFlags
	phone     string
	firstName string
	lastName  string
	acceptTOS bool
	email     string

	qr           bool
	qrSVG        string
	botTokenFile string
	webTokenFile string
	passkey      string
}

func (p *program) loginCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in, and print who that is",
		Long: `Sign in, and print who that is:
{"user_id":5000000001,"first_name":"Ann","last_name":"","phone":"9996620001","dc":2}
If a user is signed in already, print that user and send no code; fail if --phone,
--bot-token-file or --passkey names another one, or with --web-token-file, whose
user is not known before it is used. A login that came as far as the password
goes on there if it is of the number of --phone, or by the same way, or if nothing is
named; any other is given up first, which is said. telekey logout gives it up, too.

By phone, with sign-up and two-step verification, unless another way is named:
  --qr              by a QR code, which a device scans that is signed in; drawn on
                    the terminal, or with --qr-svg written to a file, again and
                    again as codes get too old, until one is accepted
  --passkey         by a passkey that telekey passkey add has made
  --bot-token-file  as a bot
  --web-token-file  by what a Telegram app hands to a web version that it opens

What no flag answers is asked on the terminal, secrets without showing them. If
there is no terminal, the command fails and names the flag. On Telegram's own
networks secrets are not taken from the command line, because others can read it.
The link in a QR code is a secret, too: it is printed nowhere, and the file of
--qr-svg is for its owner alone and is removed at the end.`,
		Example: `  telekey login --session me.session
  telekey login --network network.json --phone +9996621234 --code 22222 --first-name Ann --accept-tos
  telekey login --phone +9996621234 --password-file secret.txt
  telekey login --qr
  telekey login --bot-token-file token.txt --session bot.session`,
		Args: arguments(0, 0),
		RunE: p.run(func(ctx context.Context, _ []string) error { return p.login(ctx, &f) }),
	}
	f.connection.add(cmd)
	f.answerFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.phone, "phone", "", "phone `number` with its country code")
	flags.StringVar(&f.firstName, "first-name", "", "first `name`, to sign up with")
	flags.StringVar(&f.lastName, "last-name", "", "last `name`, to sign up with")
	flags.BoolVar(&f.acceptTOS, "accept-tos", false, "accept the terms of service when signing up")
	flags.StringVar(&f.email, "email", "", "`address` for codes, where Telegram wants one")
	f.addWays(cmd)
	return cmd
}

func (p *program) login(ctx context.Context, f *loginFlags) error {
	if err := f.readPhone(); err != nil {
		return err
	}
	answers, end, err := p.answers(&f.answerFlags, &f.connection)
	if err != nil {
		return err
	}
	defer end()
	answers.FirstName, answers.LastName, answers.AcceptTerms = f.firstName, f.lastName, f.acceptTOS
	answers.Email = f.email
	way, err := p.way(f, answers)
	if err != nil {
		return err
	}
	c, hangUp, err := p.dial(ctx, &f.connection)
	if err != nil {
		return errors.Join(err, way.end())
	}
	p.sayReplaced(auth.Replaces(c, way.method))
	already := c.Session().User != nil
	me, err := auth.SignIn(ctx, c, way.method, way.asker)
	if err := errors.Join(err, way.end(), hangUp()); err != nil {
		return err
	}
	if !way.names(me, already) {
		return &fault{exit: exitOther, Type: typeOtherUser,
			Message: fmt.Sprintf("user %d is signed in already, and may not be the user whom the flags name: run telekey logout first, or use another session", me.ID)}
	}
	return p.printUser(c.Home(), me)
}

// sayReplaced tells that a sign-in is given up which waited for its password.
func (p *program) sayReplaced(waiting *session.Pending) {
	if waiting == nil || p.json {
		return
	}
	whose := "by " + waiting.Way
	if waiting.Phone != "" {
		whose = "of +" + waiting.Phone
	}
	fmt.Fprintf(p.err, "The sign-in %s that waited for its password is given up.\n", display.Line(whose))
}
