package auth

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/telekey/telekey/tg"
)

// Signing in by passkey: auth.initPasskeyLogin brings a challenge, an authenticator
// signs it, auth.finishPasskeyLogin shows the signature to the data centre that
// the passkey itself names.
//
// https://core.telegram.org/api/passkeys#logging-in-with-a-passkey

type passkey struct{}

// Passkey signs in by a passkey: see [PasskeyQuestion]. Telegram's own data centres
// take only those that were made for telegram.org, which the programs of third
// parties cannot have.
//
// Errors, for errors.Is: tg.ErrPasskeyOriginMismatch; tg.ErrCredentialInvalid and
// [ErrPasskeyNotFound] come with the question, which is asked again.
func Passkey() Method { return passkey{} }

func (passkey) begin(*Flow) state { return stateInitPasskey }

func (f *Flow) nextInitPasskey() Step { return newCall(&tg.AuthInitPasskeyLogin{}) }

func (f *Flow) passkeyBegun(_ time.Time, result any) error {
	r, _ := result.(*tg.AuthPasskeyLoginOptions)
	if r == nil || r.Options == nil || !json.Valid([]byte(r.Options.Data)) {
		return unexpected(result, "auth.passkeyLoginOptions with JSON in it")
	}
	f.m.Options = json.RawMessage(r.Options.Data)
	f.to(stateAskPasskey)
	return nil
}

func (f *Flow) nextAskPasskey() Step {
	return Ask{PasskeyQuestion{Network: f.bound.Network, Options: f.m.Options, Wrong: f.m.Wrong, Refused: f.m.Refused}}
}

func (f *Flow) passkeyAnswered(a Answer, _ io.Reader) error {
	switch a := a.(type) {
	case Assertion:
		dc := homeOf(a.UserHandle)
		if dc == 0 {
			return unfit("an assertion whose user handle is dcId:userId: a passkey that was made for Telegram")
		}
		f.assertion, f.m.At = a, dc
		f.to(stateFinishPasskey)
		return nil
	case Cancel:
		f.fail(ErrCancelled)
		return ErrCancelled
	}
	return unfit("Assertion or Cancel")
}

// homeOf is the data centre that a passkey's user handle names, or 0.
//
// https://core.telegram.org/method/auth.finishPasskeyLogin
func homeOf(handle string) int {
	dc, user, ok := strings.Cut(handle, ":")
	n, err := strconv.Atoi(dc)
	if _, bad := strconv.ParseInt(user, 10, 64); !ok || err != nil || bad != nil || n < 1 || n > maxDC {
		return 0
	}
	return n
}

// nextFinishPasskey makes the call where the account lives; that becomes the home
// once it has let the flow in. Where the challenge came from is filled in with the
// call, because a flow knows neither its data centre nor its key.
//
// https://core.telegram.org/method/auth.finishPasskeyLogin
func (f *Flow) nextFinishPasskey() Step {
	a := f.assertion
	call := newCall(&tg.AuthFinishPasskeyLogin{Credential: &tg.InputPasskeyCredentialPublicKey{
		ID: a.ID, RawID: a.ID, Response: &tg.InputPasskeyResponseLogin{
			ClientData:        &tg.DataJSON{Data: string(a.ClientData)},
			AuthenticatorData: a.AuthenticatorData, Signature: a.Signature.Bytes(), UserHandle: a.UserHandle,
		},
	}})
	call.DC = f.m.At
	return call
}

// withOrigin says where the challenge came from, if that is not where the call
// goes. The key is the permanent one, whatever the connection uses.
//
// https://core.telegram.org/method/auth.finishPasskeyLogin
func withOrigin(m *tg.AuthFinishPasskeyLogin, c Client, dc int) *tg.AuthFinishPasskeyLogin {
	d := c.Session()
	if dc == 0 || dc == d.Home {
		return m
	}
	whole := *m
	whole.FromDCID, whole.FromAuthKeyID = new(int32(d.Home)), new(d.Keys[d.Home].Auth.ID())
	return &whole
}

func (f *Flow) passkeyFinished(_ time.Time, result any) error { return f.authorized(result) }

// errPasskeyRestart is in the documentation of the flow, and in no list of errors.
//
// https://core.telegram.org/api/passkeys#logging-in-with-a-passkey
const errPasskeyRestart tg.ErrorType = "PASSKEY_AUTH_RESTART"

// passkeyRefused asks again, with a new challenge: the last one is used up.
//
// https://core.telegram.org/method/auth.finishPasskeyLogin#possible-errors
func (f *Flow) passkeyRefused(e *tg.Error) bool {
	if e.Type == tg.ErrSessionPasswordNeeded {
		return false // let in as far as the password
	}
	f.m.At, f.m.Options, f.assertion = 0, nil, Assertion{}
	if e.Type != tg.ErrCredentialInvalid && e.Type != ErrPasskeyNotFound {
		return false
	}
	f.m.Wrong++
	f.again(stateInitPasskey, e)
	return true
}
