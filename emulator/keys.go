package emulator

import (
	"maps"
	"slices"
	"time"

	"github.com/telekey/telekey/mtproto"
)

// authKey is what a data centre remembers with an auth key, beside its sessions.
//
// Layer and device are stored with the key: a client names them once.
// https://core.telegram.org/api/invoking#saving-client-info
type authKey struct {
	dc     int
	id     mtproto.KeyID
	temp   bool // temporary: good for nothing before it is bound
	layer  int  // as the client named it; 0: never
	warned bool // of that layer, see noteLayer
	device *device

	exchange mtproto.ServerExchange // that made it

	perm  *authKey // of a temporary key: the one that it was bound to last
	bound *authKey // of a permanent key: the temporary one bound to it, see countsAs

	// Who the key stands for. With neither it is a stranger's.
	login   *login   // signed in
	pending *account // the code was right, the password is still to come

	challenges []challenge // open ones, the newest last
	requests   []*codeRequest
	mails      [mailPurposes]*mailCode
	moved      repeatable
	invited    *loginToken // that somebody has accepted
	ended      *refusal    // how what it stood for was ended, see farewell

	busy    bool     // a call waits for its task, or for its turn
	waiting []queued // calls behind it

	quiet map[mtproto.SessionID]bool // sessions that want no updates, see hush
}

// device is what a client says about itself.
type device struct {
	apiID         int32
	model         string
	systemVersion string
	appVersion    string
	systemLang    string
	langPack      string
	lang          string
}

// login is one signed-in device of an account: one line in its list of devices.
// It may have a key in each data centre.
type login struct {
	account *account
	hash    int64
	device  device
	created time.Time // account clock, as is:
	active  time.Time

	freshUntil             time.Time // see fresh
	confirmedAt            time.Time // see unconfirmed
	noSecretChats, noCalls bool

	keys []*authKey
}

// maxQuiet bounds the sessions of one key that are remembered as quiet.
const maxQuiet = 256

// hush remembers whether a session wants no updates. A call in that wrapper does
// not subscribe it to them, and any other does: a session is as quiet as its last
// call.
// https://core.telegram.org/method/invokeWithoutUpdates
func (k *authKey) hush(s mtproto.SessionID, quiet bool) {
	switch {
	case !quiet:
		delete(k.quiet, s)
	case k.quiet == nil:
		k.quiet = map[mtproto.SessionID]bool{s: true}
	case len(k.quiet) < maxQuiet:
		k.quiet[s] = true
	}
}

// quietSessions lists them.
func (k *authKey) quietSessions() []mtproto.SessionID {
	return slices.Collect(maps.Keys(k.quiet))
}

// signIn makes k a key of l, and of no other login.
func (k *authKey) signIn(l *login) {
	if k.login == l {
		return
	}
	k.leave()
	k.login, k.ended = l, nil
	l.keys = append(l.keys, k)
}

// leave takes k out of its login, which ends with its last key, and out of a
// sign-in that waits for its password.
func (k *authKey) leave() {
	if k.pending != nil {
		k.pending.halfway = slices.DeleteFunc(k.pending.halfway, func(h *halfLogin) bool { return h.key == k })
	}
	k.pending, k.challenges, k.mails = nil, nil, [mailPurposes]*mailCode{}
	l := k.login
	if l == nil {
		return
	}
	k.login = nil
	l.keys = without(l.keys, k)
	if len(l.keys) == 0 {
		l.account.logins = without(l.account.logins, l)
	}
}

// end signs all keys of l out.
func (l *login) end() {
	for len(l.keys) > 0 {
		l.keys[0].leave()
	}
}

// without returns list without item, in a new slice: others may be walking
// along the old one.
func without[T comparable](list []T, item T) []T {
	var rest []T
	for _, v := range list {
		if v != item {
			rest = append(rest, v)
		}
	}
	return rest
}
