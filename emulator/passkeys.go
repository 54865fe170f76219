package emulator

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

// Passkeys is what is to be known of WebAuthn; New of the package
// emulator/passkeys makes one. Register and Verify are called from several
// goroutines.
//
// Options and responses are the JSON of WebAuthn. A challenge is drawn, stored
// and used up by the Server: the methods only put it into options and compare it.
type Passkeys interface {
	// CreationOptions are for whoever makes a passkey of owner that is not on one
	// of the devices where has are.
	CreationOptions(challenge []byte, owner PasskeyOwner, has []Passkey) (options []byte, err error)

	// Register checks the response to them and returns the new passkey. Its ID is
	// the one in the attestation: id and rawId of the response may be anything.
	Register(challenge []byte, owner PasskeyOwner, response []byte) (Passkey, error)

	// RequestOptions are for whoever signs in with a passkey, nobody knows which.
	RequestOptions(challenge []byte) (options []byte, err error)

	// Verify checks the response to them against the passkey that it names, and
	// returns that as it is from now on: its use is counted.
	Verify(challenge []byte, owner PasskeyOwner, key Passkey, response []byte) (Passkey, error)
}

// PasskeyOwner is an account as its passkeys know it.
type PasskeyOwner struct {
	Handle []byte // dcID:userID
	Name   string // shown to people, to tell one passkey from another
}

// Passkey is a registered one: the public half, which is no secret.
type Passkey struct {
	ID     string // base64url
	Record []byte // what Passkeys wants to know of it later
}

// ErrPasskeyOrigin is what the methods of [Passkeys] return, possibly wrapped,
// about a response that was made on another site. All their other errors are
// taken for a response that is wrong.
var ErrPasskeyOrigin = errors.New("the response was made on an origin that is not taken here")

// ownPasskey is a passkey of an account.
type ownPasskey struct {
	Passkey
	name string
	made time.Time // account clock, as is:
	used time.Time // zero: never
}

// maxPasskeys bounds the passkeys of an account; clients are told. How Telegram
// refuses one more is not documented.
const maxPasskeys = 10

func (p *ownPasskey) describe() *tg.Passkey {
	d := &tg.Passkey{ID: p.ID, Name: p.name, Date: unix(p.made)}
	if !p.used.IsZero() {
		d.LastUsageDate = new(unix(p.used))
	}
	return d
}

// passkey is the one of that id, or nil.
func (a *account) passkey(id string) *ownPasskey {
	for _, p := range a.passkeys {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// owner is a as its passkeys know it. The handle names the data centre where
// they sign in, which is a's home.
// https://core.telegram.org/constructor/inputPasskeyResponseLogin
func (a *account) owner() PasskeyOwner {
	return PasskeyOwner{
		Handle: []byte(strconv.Itoa(a.home) + ":" + strconv.FormatInt(a.id, 10)),
		Name:   a.phone.String(),
	}
}

// parseHandle reads a user handle.
func parseHandle(handle string) (dc int, user int64, ok bool) {
	before, after, ok := strings.Cut(handle, ":")
	dc, err := strconv.Atoi(before)
	user, err2 := strconv.ParseInt(after, 10, 64)
	return dc, user, ok && err == nil && err2 == nil
}

// ceremony is an open challenge: good once, for a while, and for the key that
// asked for it.
type ceremony struct {
	dc      int
	key     mtproto.KeyID
	account *account // that a passkey is registered for; nil: signing in
	until   time.Time
}

const (
	ceremonyLife  = 5 * time.Minute // which WebAuthn recommends for what a user must do
	maxCeremonies = 1000            // open at once; the oldest give way
	challengeSize = 32              // bytes
	maxResponse   = 64 << 10        // bytes of a new passkey, which are kept; some hundred are usual
)

// beginCeremony opens one and returns its challenge.
func (w *world) beginCeremony(one ceremony) []byte {
	challenge := w.randomBytes(challengeSize)
	w.ceremonies.add(base64.RawURLEncoding.EncodeToString(challenge), one, maxCeremonies)
	return challenge
}

// answered is the ceremony that the client's data answers. It must be of that key
// and for the same purpose.
func (w *world) answered(clientData string, dc int, key mtproto.KeyID, a *account) (one ceremony, ok bool) {
	one, ok = w.ceremonies.find(challengeIn(clientData))
	return one, ok && one.dc == dc && one.key == key && one.account == a
}

// passkeyCheck tells the check of one response from others: by its challenge and
// by the passkey's record, which a use that came meanwhile has changed.
type passkeyCheck struct{ challenge, record string }

// checkedPasskey is what became of a check.
type checkedPasskey struct {
	Passkey
	err error
}

// checkPasskey has Register or Verify done beside the owner. The ceremony is still
// open afterwards.
func checkPasskey(c *caller, clientData, record string, check func(challenge []byte) (Passkey, error)) (checkedPasskey, *refusal) {
	text := challengeIn(clientData)
	return beside(c, passkeyCheck{text, record}, func() (done checkedPasskey) {
		challenge, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			done.Passkey, err = check(challenge)
		}
		done.err = err
		return done
	})
}

// endCeremony closes the one that the client's data answers, whatever comes of it.
// One of another key or for another purpose stays open.
//
// https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges
func (w *world) endCeremony(clientData string, dc int, key mtproto.KeyID, a *account) {
	if _, ok := w.answered(clientData, dc, key, a); ok {
		w.ceremonies.drop(challengeIn(clientData))
	}
}

// challengeIn is the challenge in the client's data, in base64url.
func challengeIn(clientData string) string {
	var client struct {
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal([]byte(clientData), &client) != nil {
		return ""
	}
	return client.Challenge
}

// The refusals of the methods of passkeys.
// https://core.telegram.org/method/auth.finishPasskeyLogin#possible-errors
var (
	accessDenied          = &refusal{403, string(tg.ErrAccessDenied)}
	credentialInvalid     = badRequest(tg.ErrCredentialInvalid)
	passkeyNotFound       = badRequest("PASSKEY_CREDENTIAL_NOT_FOUND")
	passkeyOriginMismatch = badRequest(tg.ErrPasskeyOriginMismatch)
	passkeyAuthRestart    = &refusal{500, "PASSKEY_AUTH_RESTART"}
)

// refusePasskey is what a response is refused with that was found wrong.
func (w *world) refusePasskey(err error) *refusal {
	w.log.Debug("a passkey's response is refused", "error", err)
	if errors.Is(err, ErrPasskeyOrigin) {
		return passkeyOriginMismatch
	}
	return credentialInvalid
}

// passkeyJSON is a response as WebAuthn has it, made of what the API carries:
// there the JSON of the client's data is plain, and bytes are bytes.
//
// https://core.telegram.org/constructor/inputPasskeyCredentialPublicKey
func passkeyJSON(c *tg.InputPasskeyCredentialPublicKey, clientData string, members map[string][]byte) []byte {
	inner := map[string]string{"clientDataJSON": base64.RawURLEncoding.EncodeToString([]byte(clientData))}
	for name, b := range members {
		inner[name] = base64.RawURLEncoding.EncodeToString(b)
	}
	b, err := json.Marshal(map[string]any{"id": c.ID, "rawId": c.RawID, "type": "public-key", "response": inner})
	if err != nil {
		panic("emulator: " + err.Error()) // of strings alone
	}
	return b
}
