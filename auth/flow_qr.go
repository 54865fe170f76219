package auth

import (
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

// Signing in by QR code: auth.exportLoginToken brings a token, which is shown; a
// device that is signed in accepts it; updateLoginToken says so, and exporting
// again brings the account, or the data centre where it is to be had.
//
// https://core.telegram.org/api/qr-login

type qr struct{ except []int64 }

// QR signs in by a link that a device accepts which is signed in already: see
// [ShowQR]. except are the ids of users who are signed in here anyway, and are not
// to be let in a second time.
func QR(except ...int64) Method { return qr{except} }

func (q qr) begin(f *Flow) state {
	f.m.Except = q.except
	return stateExportToken
}

func (f *Flow) nextExportToken() Step {
	return newCall(&tg.AuthExportLoginToken{ExceptIDs: f.m.Except})
}

// tokenExported takes the answer of auth.exportLoginToken and of
// auth.importLoginToken.
//
// https://core.telegram.org/type/auth.LoginToken
func (f *Flow) tokenExported(now time.Time, result any) error {
	switch r := result.(type) {
	case *tg.AuthLoginToken:
		if r != nil && f.m.State == stateExportToken {
			f.token, f.m.Until = secret.New(r.Token), shownUntil(now, r.Expires)
			f.first(stateShowQR)
			return nil
		}
	case *tg.AuthLoginTokenMigrateTo:
		if r != nil {
			return f.importAt(int(r.DCID), r.Token)
		}
	case *tg.AuthLoginTokenSuccess:
		if r != nil {
			return f.authorized(r.Authorization)
		}
	}
	return unexpected(result, "auth.loginToken")
}

// How long a link is shown. Telegram's are good for 30 seconds; but its clock may
// not be ours, and a link that is shown for ever is of no use to anybody.
const (
	shownAtLeast = 5 * time.Second
	shownAtMost  = time.Minute
)

func shownUntil(now time.Time, expires int32) time.Time {
	left := time.Unix(int64(expires), 0).Sub(now)
	return now.UTC().Round(0).Add(min(max(left, shownAtLeast), shownAtMost))
}

func (f *Flow) nextShowQR() Step {
	return Show{ShowQR{Link: loginLink(f.token.Bytes()), Expires: f.m.Until}, f.m.Until}
}

func (f *Flow) qrAnswered(a Answer, _ io.Reader) error {
	if _, ok := a.(Cancel); !ok {
		return unfit("nothing, or Cancel")
	}
	f.fail(ErrCancelled)
	return ErrCancelled
}

// qrSeen exports again when the link was accepted, or is too old.
func (f *Flow) qrSeen(now time.Time, result any) error {
	u, _ := result.(tg.AnyUpdate)
	if u == nil && now.Before(f.m.Until) || u != nil && !endsQR(u) {
		return nil
	}
	f.first(stateExportToken)
	return nil
}

// importAt goes on at the data centre of who accepted the link. It becomes the home
// once it has let the flow in.
//
// https://core.telegram.org/api/qr-login#accepting-a-login-token
func (f *Flow) importAt(dc int, token []byte) error {
	if f.m.Hops >= maxHops {
		return fmt.Errorf("got data centre %d to go to: this is move %d, want an end after %d", dc, f.m.Hops+1, maxHops)
	}
	if dc < 1 || dc > maxDC {
		return fmt.Errorf("got data centre %d, want 1 to %d", dc, maxDC)
	}
	f.m.Hops++
	f.m.At, f.token = dc, secret.New(token)
	f.first(stateImportToken)
	return nil
}

func (f *Flow) nextImportToken() Step {
	call := newCall(&tg.AuthImportLoginToken{Token: f.token.Bytes()})
	call.DC = f.m.At
	return call
}

// importRefused shows a new link when the token did not live long enough.
//
// https://core.telegram.org/method/auth.importLoginToken#possible-errors
func (f *Flow) importRefused(e *tg.Error) bool {
	if e.Type != tg.ErrAuthTokenExpired && e.Type != tg.ErrAuthTokenInvalid || f.m.Restarts >= maxRestarts {
		return false
	}
	f.m.Restarts++
	f.restart(stateExportToken)
	return true
}

const linkPrefix = "tg://login?token="

// loginLink is the link of a token.
//
// https://core.telegram.org/api/qr-login#exporting-a-login-token
func loginLink(token []byte) QRLink {
	return LoginLink(linkPrefix + base64.RawURLEncoding.EncodeToString(token))
}
