package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/input"
)

// answerFlags are the flags that answer what only a person knows: for login, and
// for what is done with an account.
type answerFlags struct {
	code         string
	codeFile     string
	password     string
	passwordFile string
}

func (f *answerFlags) add(cmd *cobra.Command) {
	f.addCode(cmd)
	f.addPassword(cmd)
}

func (f *answerFlags) addCode(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.code, "code", "", "the `code` that was sent (only with --network or --local)")
	flags.StringVar(&f.codeFile, "code-file", "", "`file` to read a line from when a code was sent; - is standard input")
	cmd.MarkFlagsMutuallyExclusive("code", "code-file")
}

func (f *answerFlags) addPassword(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.password, "password", "", "`password` of two-step verification (only with --network or --local)")
	flags.StringVar(&f.passwordFile, "password-file", "", "`file` whose first line is the password; - is standard input")
	cmd.MarkFlagsMutuallyExclusive("password", "password-file")
}

// answers are those that the flags give; what they do not is asked on the
// terminal, if there is one. end wipes the secrets and puts the terminal right.
func (p *program) answers(f *answerFlags, c *connection) (a auth.Answers, end func(), err error) {
	c.isSecret("--password", f.password)
	c.isSecret("--code", f.code)
	if err := p.checkCodeFile(f.codeFile); err != nil {
		return a, func() {}, err
	}
	a = auth.Answers{Code: auth.Code(f.code), Password: auth.Secret(f.password)}
	if f.passwordFile != "" {
		if a.Password, err = p.readSecret("--password-file", f.passwordFile); err != nil {
			return a, func() {}, err
		}
	}
	person, restore := p.person()
	codes := &codeReader{open: p.opener(f.codeFile), code: a.Code, next: person}
	a.Else = codes
	password := a.Password
	return a, func() { password.Wipe(); codes.Close(); restore() }, nil
}

// newPasswordFlags are those of a password that is to be.
type newPasswordFlags struct {
	password string
	file     string
	hint     string
}

func (f *newPasswordFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.password, "new-password", "", "the new `password` (only with --network or --local)")
	flags.StringVar(&f.file, "new-password-file", "", "`file` whose first line is the new password; - is standard input")
	flags.StringVar(&f.hint, "hint", "", "`hint` to remember it by, which others can read")
	cmd.MarkFlagsMutuallyExclusive("new-password", "new-password-file")
}

// read is the password that the flags give, if they give one.
func (p *program) readNewPassword(f *newPasswordFlags, c *connection) (n auth.NewPassword, err error) {
	c.isSecret("--new-password", f.password)
	n = auth.NewPassword{Password: auth.Secret(f.password), Hint: f.hint}
	if f.file != "" {
		n.Password, err = p.readSecret("--new-password-file", f.file)
	}
	return n, err
}

// maxSecret bounds what is read for a password, a token or a link, in bytes.
const maxSecret = 4096

// readSecret reads the first line of the file that a flag names; of standard
// input, for "-".
func (p *program) readSecret(flag, name string) (auth.SecretAnswer, error) {
	in := p.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return auth.SecretAnswer{}, config("%s: %v", flag, err)
		}
		defer f.Close()
		in = f
	} else if err := p.takeInput(flag); err != nil {
		return auth.SecretAnswer{}, err
	}
	line, err := input.NewLines(in, maxSecret).Next()
	if err != nil && err != io.EOF {
		return auth.SecretAnswer{}, config("%s: %v", flag, err)
	}
	if len(line) == 0 || len(line) > maxSecret {
		return auth.SecretAnswer{}, config("%s: got a first line of %d bytes, want 1 to %d", flag, len(line), maxSecret)
	}
	return auth.Secret(line), nil
}

// readToken is readSecret for what has no blanks around it.
func (p *program) readToken(flag, name string) (auth.SecretAnswer, error) {
	line, err := p.readSecret(flag, name)
	token := input.TrimBytes(line.Bytes())
	if err == nil && len(token) == 0 {
		err = config("%s: got a first line of blanks, want a token", flag)
	}
	return auth.Secret(token), err
}

// takeInput has standard input for a secret, once, and if nobody types there.
func (p *program) takeInput(flag string) error {
	switch {
	case p.terminal() != nil:
		return usage("%s - would show the secret on the terminal: put it into a file, or leave the flag out and be asked", flag)
	case p.inputFor != "":
		return usage("got - for %s and for %s, want standard input to be for one of them", p.inputFor, flag)
	}
	p.inputFor = flag
	return nil
}
