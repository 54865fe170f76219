package cli

import (
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/passkey"
)

// addWays adds the flags that name another way in than the phone.
func (f *loginFlags) addWays(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.qr, "qr", false, "sign in by a QR code, drawn on the terminal")
	flags.StringVar(&f.qrSVG, "qr-svg", "", "sign in by a QR code, in this `file` as SVG while it counts")
	flags.StringVar(&f.passkey, "passkey", "", "sign in by a passkey of this `file`")
	flags.StringVar(&f.botTokenFile, "bot-token-file", "", "sign in as a bot, by the token in the first line of this `file`; - is standard input")
	flags.StringVar(&f.webTokenFile, "web-token-file", "", "sign in by the web token in the first line of this `file`; - is standard input")
	ways := []string{"qr", "qr-svg", "passkey", "bot-token-file", "web-token-file"}
	for i, way := range ways {
		for _, other := range append(ways[i+1:], "phone", "code", "email", "first-name", "last-name", "accept-tos") {
			if way != "qr" || other != "qr-svg" {
				cmd.MarkFlagsMutuallyExclusive(way, other)
			}
		}
	}
}

// way is how to sign in, who answers what it asks, and what is to do afterwards.
type way struct {
	method auth.Method
	asker  auth.Asker
	names  names
	end    func() error
}

// way reads what the way in needs, before anything is sent.
func (p *program) way(f *loginFlags, answers auth.Answers) (way, error) {
	nothing := func() error { return nil }
	switch {
	case f.qr || f.qrSVG != "":
		screen := p.qrScreen(f.qrSVG, answers)
		return way{auth.QR(), screen, anybody, screen.remove}, nil
	case f.botTokenFile != "":
		token, err := p.readToken("--bot-token-file", f.botTokenFile)
		return way{auth.Bot(token), answers, namesBot(token), wiping(token)}, err
	case f.webTokenFile != "":
		token, err := p.readToken("--web-token-file", f.webTokenFile)
		return way{auth.WebToken(token), answers, namesUnknown, wiping(token)}, err
	case f.passkey != "":
		device, err := openPasskeys("--passkey", f.passkey)
		if err != nil {
			return way{}, err
		}
		return way{auth.Passkey(), auth.PasskeyAsker(device, answers), namesHandles(device), nothing}, nil
	}
	return way{auth.Phone(f.phone), answers, namesPhone(f.phone), nothing}, nil
}

func wiping(s auth.SecretAnswer) func() error {
	return func() error { s.Wipe(); return nil }
}

// openPasskeys opens a file of passkeys that has to be there.
func openPasskeys(flag, file string) (*passkey.Authenticator, error) {
	if _, err := os.Stat(file); err != nil {
		if pathError, ok := err.(*fs.PathError); ok {
			err = pathError.Err
		}
		return nil, config("%s: %s: %v: telekey passkey add makes one", flag, file, err)
	}
	device, err := passkey.Open(file)
	if err != nil {
		return nil, config("%s: %v", flag, err)
	}
	return device, nil
}
