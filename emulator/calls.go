package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// table says which function answers which method, and whom. A new answer is a
// file with the function and a line here; one that is always the same, a line of
// emptyAnswers.
//
// https://core.telegram.org/methods
var table = newTable(emptyAnswers,
	// Signing in.
	anyone(sendCode),
	anyone(resendCode),
	anyone(cancelCode),
	anyone(reportMissingCode),
	anyone(requestFirebaseSMS),
	anyone(checkPaidAuth),
	anyone(canPurchaseStore),
	anyone(assignAppStoreTransaction),
	anyone(assignPlayMarketTransaction),
	anyone(sendVerifyEmailCode),
	anyone(verifyEmail),
	anyone(resetLoginEmail),
	anyone(signIn).once(),
	anyone(signUp).once(),
	halfway(getPassword),
	halfway(checkPassword).once(),
	halfway(requestPasswordRecovery),
	halfway(checkRecoveryPassword),
	halfway(recoverPassword).once(),
	anyone(logOut),
	members(exportAuthorization),
	anyone(importAuthorization).once(),
	anyone(bindTempAuthKey).early(),
	anyone(dropTempAuthKeys),

	// The password.
	members(updatePasswordSettings).once(),
	members(confirmPasswordEmail).once(),
	members(resendPasswordEmail),
	members(cancelPasswordEmail),
	members(getPasswordSettings),
	members(getTmpPassword),
	members(resetPassword),
	members(declinePasswordReset),
	members(getStarsRevenueWithdrawalURL),

	// Passkeys, if the Config has what it takes.
	members(initPasskeyRegistration),
	members(registerPasskey),
	members(getPasskeys),
	members(deletePasskey),
	anyone(initPasskeyLogin),
	anyone(finishPasskeyLogin).once(),

	// Signing in without a code.
	anyone(exportLoginToken).once(),
	anyone(importLoginToken).once(),
	members(acceptLoginToken),
	anyone(importBotAuthorization).once(),
	anyone(importWebTokenAuthorization).once(),

	// The account's devices, and how long all is kept.
	members(getAuthorizations),
	members(resetAuthorization),
	members(resetAuthorizations),
	members(changeAuthorizationSettings),
	members(setAuthorizationTTL),
	members(getWebAuthorizations),
	members(resetWebAuthorization),
	members(resetWebAuthorizations),
	members(getAccountTTL),
	members(setAccountTTL),

	// The number, and the end.
	members(sendChangePhoneCode),
	members(changePhone).once(),
	halfway(deleteAccount),
	members(sendConfirmPhoneCode),
	members(confirmPhone).once(),

	members(invalidateSignInCodes),

	// Who is there.
	members(getUsers),
	members(getFullUser),
	members(updateStatus),
	members(getNotifySettings),

	// What Telegram wrote.
	members(getState),
	members(getDifference),
	members(getDialogs),
	members(getPinnedDialogs),
	members(getPeerDialogs),
	members(getDialogFilters),
	members(getHistory),
	members(getContacts),

	// The network and the applications.
	anyone(getConfig).early(),
	anyone(getNearestDC).early(),
	anyone(getAppConfig),
	anyone(getCountriesList),
	anyone(getCdnConfig),
	anyone(getInviteText),
	anyone(getDeepLinkInfo),
	anyone(saveAppLog),
	members(getPromoData),
	members(getTermsOfServiceUpdate),
	anyone(acceptTermsOfService),
	anyone(getLangPack),
	anyone(getLangPackDifference),
	anyone(getLangPackStrings),
	anyone(getLanguages),
	anyone(getLanguage),
)

// caller is where a call comes from.
type caller struct {
	dc      int
	key     *authKey // that it is made with
	session mtproto.SessionID
	local   netip.Addr // of the socket, on this end

	quiet bool  // the call is made without updates
	task  *task // that it waits for, or has waited for

	wire *authKey                   // that it travels on: key, or a temporary one bound to it
	id   mtproto.MsgID              // of its message
	keys map[mtproto.KeyID]*authKey // of the data centre
}

// audience is whom a method serves.
type audience int

const (
	forMembers audience = iota // keys that are signed in
	forHalfway                 // and keys that wait for their password
	forAnyone
)

// call is a line of the table.
type call struct {
	method     reflect.Type // the struct of the method
	audience   audience
	repeatable bool // see repeatable
	uninited   bool // may come before initConnection
	answer     func(w *world, c *caller, now time.Time, request any) (any, *refusal)
}

// handler answers one method. now is by the account clock. It does its work in
// w and in c's key, at once, and waits for nothing: see beside for long work.
type handler[Q, A any] func(w *world, c *caller, now time.Time, q *Q) (A, *refusal)

func newCall[Q, A any](h handler[Q, A], who audience) call {
	return call{
		method:   reflect.TypeFor[*Q](),
		audience: who,
		answer: func(w *world, c *caller, now time.Time, request any) (any, *refusal) {
			answer, no := h(w, c, now, request.(*Q))
			return answer, no
		},
	}
}

func anyone[Q, A any](h handler[Q, A]) call  { return newCall(h, forAnyone) }
func halfway[Q, A any](h handler[Q, A]) call { return newCall(h, forHalfway) }
func members[Q, A any](h handler[Q, A]) call { return newCall(h, forMembers) }

func (c call) once() call  { c.repeatable = true; return c }
func (c call) early() call { c.uninited = true; return c }

func newTable(empty []call, calls ...call) map[reflect.Type]call {
	t := make(map[reflect.Type]call, len(empty)+len(calls))
	for _, c := range append(calls, empty...) {
		t[c.method] = c
	}
	return t
}

// order is what a caller asks for.
type order struct {
	wrappers []any         // around the call, the outermost first
	shown    []attestation // checks that it has passed, for rules that want one
	layer    int           // that the call is read in
	memory   int           // left for what is read

	method  string // "" if it is not known
	request any
	body    []byte   // without wrappers
	no      *refusal // why it cannot be read
}

// decode reads a query of a client that has spoken layer so far. It changes
// nothing.
func (w *world) decode(layer int, body []byte, u *mtproto.Unpacker) (o order) {
	o.layer, o.memory = layer, w.decodeMemory
	if o.no = o.unwrap(body, u); o.no != nil {
		return o
	}
	var def *tl.Definition
	if o.request, def, o.no = w.views.read(o.layer, o.body, &o.memory); def != nil {
		o.method = def.Name
	}
	return o
}

// read reads a query and does what the wrappers around the call say.
func (w *world) read(c *caller, body []byte, u *mtproto.Unpacker) order {
	o := w.decode(c.key.layer, body, u)
	if no := w.obeyAll(c, o.wrappers); no != nil {
		o.no = no
	}
	o.wrappers = nil // a call that waits keeps no more than it needs
	return o
}

// attempt answers a call that was read. With later it has done nothing, and is to
// be repeated when the caller's task is done.
func (w *world) attempt(c *caller, now time.Time, o order) ([]byte, *refusal) {
	var answer any
	no := o.no
	if no == nil {
		answer, no = w.execute(c, now, o.request, o.method, o.body)
	}
	if no == later {
		return nil, no
	}
	w.note(c, o, no)
	if no != nil {
		return nil, no
	}
	b, err := w.views.write(c.key.layer, answer)
	if err != nil {
		w.log.Error("an answer cannot be written in the client's layer; this is a mistake of the emulator",
			"method", o.method, "layer", c.key.layer, "error", err)
		return nil, inputLayerInvalid
	}
	return b, nil
}

// note logs what became of a call, without its contents.
func (w *world) note(c *caller, o order, no *refusal) {
	if !w.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	method, result := o.method, "answered"
	if method == "" && len(o.body) >= 4 {
		method = fmt.Sprintf("unknown #%x", binary.LittleEndian.Uint32(o.body))
	}
	if no != nil {
		result = no.message
	}
	w.log.Debug("call", "method", method, "result", result, "dc", c.dc, "layer", c.key.layer)
}

// execute admits a call and answers it.
func (w *world) execute(c *caller, now time.Time, request any, name string, body []byte) (any, *refusal) {
	if a := c.account(); a != nil {
		w.passTime(now, a)
	}
	call, known := table[reflect.TypeOf(request)]
	if no := c.admit(call, known, name); no != nil {
		return nil, no
	}
	if c.key.login != nil {
		c.key.login.active, c.key.login.account.active = now, now
	}
	if !call.repeatable {
		return call.answer(w, c, now, request)
	}
	sum := sha256.Sum256(body)
	if c.key.moved.again(c.key, now, sum) {
		return c.key.moved.answer, c.key.moved.no
	}
	answer, no := call.answer(w, c, now, request)
	c.key.moved.remember(c.key, now, sum, answer, no)
	return answer, no
}

// admit decides whether a call may be made with the caller's key.
//
// What is said to a key that waits for its password is not what is said to a
// stranger's: a client tells by it where it stands.
// https://core.telegram.org/api/errors#401-unauthorized
func (c *caller) admit(call call, known bool, name string) *refusal {
	who := call.audience
	if !known && withoutLogin[name] {
		who = forAnyone
	}
	switch {
	case c.key.dead():
		return c.key.farewell()
	// A temporary key that is not bound is good for being bound and little more.
	// https://core.telegram.org/api/pfs
	case c.key.temp && !call.uninited:
		return authKeyPermEmpty
	// A key must have been introduced, except for what a client may ask to
	// find its way.
	// https://core.telegram.org/api/invoking#saving-client-info
	case c.key.device == nil && !call.uninited:
		return connectionNotInited
	case who == forMembers && c.key.login == nil && c.key.pending != nil:
		return sessionPasswordNeeded
	case who != forAnyone && c.key.login == nil && c.key.pending == nil:
		return c.key.farewell()
	// Never a 500: half of all clients would try that again, without end.
	case !known:
		return inputMethodInvalid
	// https://core.telegram.org/api/errors#400-bad-request
	case who != forAnyone && c.account().bot != nil && !botMethods[name]:
		return botMethodInvalid
	// https://core.telegram.org/api/auth#frozen-accounts
	case who != forAnyone && c.key.login != nil && c.account().frozen != nil && freezes(name):
		return frozenMethodInvalid
	}
	return nil
}

// withoutLogin are the methods that Telegram documents as good for strangers
// and that this server does not have. To refuse them with 401 would say
// something else.
// https://core.telegram.org/api/auth#authorization
var withoutLogin = map[string]bool{
	"payments.getPaymentForm": true, "payments.sendPaymentForm": true,
}

// repeatable is the last call that moved a key on: from stranger to signed in,
// to waiting for a password, or to signing up; or that used up a proof of the
// password.
//
// A client whose connection broke before the answer came may send the call again
// under another message id. What has been used up by then, a code or a proof,
// must not look wrong: the call is answered as it was, for as long as the key is
// where the call has moved it.
type repeatable struct {
	sum     [32]byte
	answer  any
	no      *refusal
	login   *login
	pending *account
	until   time.Time
}

// again says whether a call is the one that moved k to where it is.
func (r *repeatable) again(k *authKey, now time.Time, sum [32]byte) bool {
	return r.sum == sum && now.Before(r.until) && r.login == k.login && r.pending == k.pending
}

// remember keeps a call that moved k, with what was said to it.
func (r *repeatable) remember(k *authKey, now time.Time, sum [32]byte, answer any, no *refusal) {
	switch answer.(type) {
	case *tg.AuthLoginToken, *tg.AuthLoginTokenMigrateTo:
		return // which have moved nobody
	}
	if no != nil && no != sessionPasswordNeeded {
		return
	}
	*r = repeatable{sum, answer, no, k.login, k.pending, now.Add(codeLife)}
}
