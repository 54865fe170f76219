package emulator

import (
	"crypto/rand"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// temporary opens a socket and makes a temporary key, which is not bound.
func temporary(t testing.TB, s *Server, dial func(int) (net.Conn, error), dc int) *line {
	t.Helper()
	l := tap(t, dial, dc, plain)
	l.agree(s, dc, 24*time.Hour)
	l.begin(l.exchange.Key, l.exchange.Salt)
	return l
}

// bound opens a socket on which calls travel on a temporary key, bound to perm.
func bound(t testing.TB, s *Server, perm *line) *line {
	t.Helper()
	l := temporary(t, s, s.dial, 2)
	if err := l.bind(perm.exchange.Key, nil); err != nil {
		t.Fatal(err)
	}
	return l
}

// ticket is a request to bind a key, before it is sent.
type ticket struct {
	q  tg.AuthBindTempAuthKey
	b  mtproto.Binding
	id mtproto.MsgID
}

// bind binds the key of l to perm. What is in the binding, and what is said
// beside it, may be spoilt.
func (l *line) bind(perm mtproto.Key, spoil func(*ticket)) error {
	l.t.Helper()
	body, err := l.result(l.session.SendFunc(time.Now(), func(id mtproto.MsgID, session mtproto.SessionID) []byte {
		b := mtproto.Binding{Nonce: 42, TempKey: l.exchange.Key.ID(), TempSession: session, ExpiresAt: l.exchange.ExpiresAt}
		r := &ticket{tg.AuthBindTempAuthKey{PermAuthKeyID: int64(perm.ID()), Nonce: 42, ExpiresAt: unix(b.ExpiresAt)}, b, id}
		if spoil != nil {
			spoil(r)
		}
		if r.q.EncryptedMessage == nil {
			r.q.EncryptedMessage = mtproto.SealBinding(perm, r.b, r.id, rand.Reader)
		}
		return bytesOf(&r.q)
	}))
	if err == nil && !tl.NewReader(body).Bool() {
		err = errors.New("got false")
	}
	return err
}

// wantNotBound wants a binding refused.
func wantNotBound(t testing.TB, err error, message string) {
	t.Helper()
	if e := tg.AsError(err); e == nil || e.Code != 400 || e.Message != message {
		t.Errorf("got %v, want 400 %s", err, message)
	}
}

// wantUnknownKey says that a data centre does not know the key of l any more.
func wantUnknownKey(t testing.TB, l *line) {
	t.Helper()
	_, err := tg.Call(t.Context(), l, &tg.HelpGetNearestDC{})
	var e *mtproto.TransportError
	if !errors.As(err, &e) || e.Code != -404 {
		t.Errorf("got %v, want -404", err)
	}
}

// notBound says that calls on l count for nobody.
func notBound(t testing.TB, l *line) {
	t.Helper()
	wantRefusal(t, l, self, 401, "AUTH_KEY_PERM_EMPTY")
}

// https://core.telegram.org/api/pfs
func TestATemporaryKeyCountsAsItsPermanentKey(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann, Password: "correct horse"}}})
	perm := connect(t, s, 2, plain)
	get(t, perm, &tg.HelpGetConfig{})
	temp := bound(t, s, perm)

	// What is begun on one is ended on the other, ...
	wantRefusal(t, temp, typeIn(ann, ask(t, temp, ann), codeX), 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, perm, self, 401, "SESSION_PASSWORD_NEEDED")
	u := userOf(t, get(t, temp, proof(t, get(t, temp, getPassw0rd), "correct horse")))
	if got := get(t, perm, self)[0].(*tg.User); got.ID != u.ID {
		t.Errorf("got %+v, want oneself", got)
	}
	// ... it is one device, ...
	if list := get(t, temp, &tg.AccountGetAuthorizations{}).Authorizations; len(list) != 1 || !list[0].Current || list[0].DeviceModel != "test" {
		t.Errorf("got %+v, want the one device", list)
	}
	// ... news reach it, ...
	ask(t, connect(t, s, 2, plain), ann)
	if _, ok := temp.update().(*tg.Updates); !ok {
		t.Error("got something else, want the message with the code")
	}
	// ... and it leaves as one.
	get(t, temp, &tg.AuthLogOut{})
	wantUnauthorized(t, perm)
	wantUnauthorized(t, temp)
}

func TestAnotherTemporaryKeyFindsThePersonSignedIn(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	perm := connect(t, s, 2, plain)
	u := signedIn(t, bound(t, s, perm), ann)
	if got := get(t, bound(t, s, perm), self)[0].(*tg.User); got.ID != u.ID {
		t.Errorf("got %+v, want oneself", got)
	}
}

// https://core.telegram.org/api/pfs
func TestAnUnboundKeyMayAskTheWay(t *testing.T) {
	s := running(t, Config{})
	l := temporary(t, s, s.dial, 2)
	get(t, l, &tg.HelpGetConfig{})
	get(t, l, &tg.HelpGetNearestDC{})
	notBound(t, l)
	wantRefusal(t, l, &tg.HelpGetAppConfig{}, 401, "AUTH_KEY_PERM_EMPTY")
	wantRefusal(t, l, &tg.AuthDropTempAuthKeys{}, 401, "AUTH_KEY_PERM_EMPTY")
	wantRefusal(t, l, &tg.MessagesGetAllDrafts{}, 401, "AUTH_KEY_PERM_EMPTY")
}

// The client says anew what it is after each binding.
// https://core.telegram.org/api/pfs
func TestABindingWantsAnotherIntroduction(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	perm := connect(t, s, 2, plain)
	signedIn(t, perm, ann)

	l := temporary(t, s, s.dial, 2)
	get(t, l, &tg.HelpGetConfig{}) // introduces a key that is not bound
	if err := l.bind(perm.exchange.Key, nil); err != nil {
		t.Fatal(err)
	}
	l.layer = 0
	wantRefusal(t, l, self, 400, "CONNECTION_NOT_INITED")
	l.layer = 190
	if err := s.ask(func(time.Time) {
		if k := s.centre(2).keys[perm.exchange.Key.ID()]; k.layer != 0 || k.device != nil || k.login.device.model != "test" {
			t.Errorf("got layer %d and device %+v, want both to be said anew, and the old device on the list", k.layer, k.device)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Invoke(t.Context(), bytesOf(self)); err != nil {
		t.Error(err)
	}
}

// A client may send the request like any other, in wrappers.
func TestABindingMayBeWrapped(t *testing.T) {
	s := running(t, Config{})
	perm := connect(t, s, 2, plain)
	l := temporary(t, s, s.dial, 2)
	_, err := l.result(l.session.SendFunc(time.Now(), func(id mtproto.MsgID, session mtproto.SessionID) []byte {
		b := mtproto.Binding{Nonce: 1, TempKey: l.exchange.Key.ID(), TempSession: session, ExpiresAt: l.exchange.ExpiresAt}
		return bytesOf(introduction(tg.Layer, bytesOf(&tg.AuthBindTempAuthKey{
			PermAuthKeyID: int64(perm.exchange.Key.ID()), Nonce: 1, ExpiresAt: unix(b.ExpiresAt),
			EncryptedMessage: mtproto.SealBinding(perm.exchange.Key, b, id, rand.Reader),
		})))
	}))
	if err != nil {
		t.Fatal(err)
	}
	wantUnauthorized(t, l)
}

// A binding is good for one request alone.
// https://core.telegram.org/method/auth.bindTempAuthKey#binding-message-contents
func TestRule26TheBindingOfAnotherRequestIsRefused(t *testing.T) {
	s := running(t, Config{})
	perm, other := connect(t, s, 2, plain), connect(t, s, 2, plain)
	elsewhere := connect(t, s, 3, plain)
	l := temporary(t, s, s.dial, 2)
	for name, spoil := range map[string]func(*ticket){
		"another nonce":         func(r *ticket) { r.b.Nonce++ },
		"another temporary key": func(r *ticket) { r.b.TempKey = other.exchange.Key.ID() },
		"another session":       func(r *ticket) { r.b.TempSession++ },
		"another expiry":        func(r *ticket) { r.b.ExpiresAt = r.b.ExpiresAt.Add(time.Second) },
		"another message":       func(r *ticket) { r.id -= 4 },
		"another permanent key": func(r *ticket) { r.q.PermAuthKeyID = int64(other.exchange.Key.ID()) },
		"an unknown key":        func(r *ticket) { r.q.PermAuthKeyID++ },
		"a key of another data centre": func(r *ticket) {
			r.q.PermAuthKeyID = int64(elsewhere.exchange.Key.ID())
			r.q.EncryptedMessage = mtproto.SealBinding(elsewhere.exchange.Key, r.b, r.id, rand.Reader)
		},
		"no permanent key": func(r *ticket) {
			r.q.PermAuthKeyID = int64(l.exchange.Key.ID())
			r.q.EncryptedMessage = mtproto.SealBinding(l.exchange.Key, r.b, r.id, rand.Reader)
		},
		"one that is over": func(r *ticket) {
			r.b.ExpiresAt = time.Now().Add(-time.Second)
			r.q.ExpiresAt = unix(r.b.ExpiresAt)
		},
		"nothing at all": func(r *ticket) { r.q.EncryptedMessage = []byte{} },
	} {
		err := l.bind(perm.exchange.Key, spoil)
		if e := tg.AsError(err); e == nil || e.Code != 400 || e.Message != "ENCRYPTED_MESSAGE_INVALID" {
			t.Errorf("%s: got %v, want 400 ENCRYPTED_MESSAGE_INVALID", name, err)
		}
		notBound(t, l)
	}
	if err := l.bind(perm.exchange.Key, nil); err != nil {
		t.Errorf("the right one: %v", err)
	}
}

// The protocol's clock is not the one that people move.
func TestABindingDoesNotGoByTheAccountClock(t *testing.T) {
	s := running(t, Config{})
	s.FastForward(30 * 24 * time.Hour)
	wantUnauthorized(t, bound(t, s, connect(t, s, 2, plain)))
}

// https://core.telegram.org/method/auth.bindTempAuthKey#possible-errors
func TestWhatCannotBeBound(t *testing.T) {
	s := running(t, Config{})
	perm, other := connect(t, s, 2, plain), connect(t, s, 2, plain)
	wantNotBound(t, perm.bind(other.exchange.Key, nil), "TEMP_AUTH_KEY_EMPTY")
	l := bound(t, s, perm)
	wantNotBound(t, l.bind(other.exchange.Key, nil), "TEMP_AUTH_KEY_ALREADY_BOUND")
	wantUnauthorized(t, l) // it is still bound
	// To the same key again, by a client that lost the answer.
	if err := l.bind(perm.exchange.Key, nil); err != nil {
		t.Error(err)
	}
	wantUnauthorized(t, l)
}

// https://core.telegram.org/method/auth.bindTempAuthKey
func TestANewBindingTakesThePlaceOfTheOld(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	perm := connect(t, s, 2, plain)
	first := bound(t, s, perm)
	signedIn(t, first, ann)
	second := bound(t, s, perm)
	notBound(t, first)
	get(t, second, self)
	// The first may come back.
	if err := first.bind(perm.exchange.Key, nil); err != nil {
		t.Fatal(err)
	}
	get(t, first, self)
	notBound(t, second)
	// A key that was replaced may be bound to another one.
	if err := second.bind(connect(t, s, 2, plain).exchange.Key, nil); err != nil {
		t.Fatal(err)
	}
	wantUnauthorized(t, second)
	get(t, first, self)
}

// https://core.telegram.org/method/auth.dropTempAuthKeys
func TestTemporaryKeysAreDroppedByTheirOwnerAlone(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}, {Phone: "+9996620002"}}})
	perm, others := connect(t, s, 2, plain), connect(t, s, 2, plain)
	bobs := bound(t, s, others)
	signedIn(t, bobs, "+9996620002")

	old := bound(t, s, perm)
	// Before the login, too; and the key that the call came on stays.
	get(t, old, &tg.AuthDropTempAuthKeys{})
	signedIn(t, old, ann)
	current := bound(t, s, perm)
	get(t, current, &tg.AuthDropTempAuthKeys{ExceptAuthKeys: []int64{int64(current.exchange.Key.ID())}})
	get(t, current, self)
	wantUnknownKey(t, old)
	get(t, bobs, self)

	// A list that lacks the key that the call comes on does not drop that.
	get(t, current, &tg.AuthDropTempAuthKeys{ExceptAuthKeys: []int64{1}})
	get(t, current, self)

	// On the permanent key it drops all temporary ones. The permanent one stays,
	// and so does its login.
	get(t, perm, &tg.AuthDropTempAuthKeys{})
	wantUnknownKey(t, current)
	get(t, bobs, self)
	get(t, perm, self)
}

// https://core.telegram.org/method/destroy_auth_key
func TestADestroyedKeyTakesItsTemporaryKeysAlong(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	perm := connect(t, s, 2, plain)
	old, current := bound(t, s, perm), bound(t, s, perm)
	signedIn(t, current, ann)
	destroy, err := mt.Schema.Append(nil, &mt.DestroyAuthKey{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := perm.result(perm.session.Send(time.Now(), destroy)); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*line{perm, old, current} {
		wantUnknownKey(t, l)
	}
	if n := len(s.world.accounts.byPhone["9996620001"].logins); n != 0 {
		t.Errorf("got %d logins, want none", n)
	}
}

// A temporary key that is destroyed is only that.
func TestADestroyedTemporaryKeyLeavesItsPermanentKey(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	perm := connect(t, s, 2, plain)
	l := bound(t, s, perm)
	signedIn(t, l, ann)
	destroy, err := mt.Schema.Append(nil, &mt.DestroyAuthKey{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.result(l.session.Send(time.Now(), destroy)); err != nil {
		t.Fatal(err)
	}
	wantUnknownKey(t, l)
	get(t, perm, self)
	get(t, bound(t, s, perm), self)
}

// https://core.telegram.org/api/pfs
func TestATemporaryKeyExpires(t *testing.T) {
	if _, err := processKey(); err != nil { // outside of the bubble: it takes a while
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		network := &pipes{}
		s := running(t, Config{Users: []User{{Phone: ann}}, Listener: network.listen})
		dial := network.dialer(s)
		perm := tap(t, dial, 2, plain)
		perm.agree(s, 2, 0)
		perm.begin(perm.exchange.Key, perm.exchange.Salt)
		l := temporary(t, s, dial, 2)
		if err := l.bind(perm.exchange.Key, nil); err != nil {
			t.Fatal(err)
		}
		signedIn(t, l, ann)

		time.Sleep(24*time.Hour - time.Minute)
		get(t, l, self)
		time.Sleep(time.Minute)
		wantUnknownKey(t, l)

		next := temporary(t, s, dial, 2)
		notBound(t, next)
		if err := next.bind(perm.exchange.Key, nil); err != nil {
			t.Fatal(err)
		}
		get(t, next, self)
	})
}

// A session that wants no updates gets none on a temporary key either, and is
// forgotten with it.
func TestASessionOnATemporaryKeyMayBeQuiet(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	perm := connect(t, s, 2, plain)
	l := bound(t, s, perm)
	signedIn(t, l, ann)
	get(t, l, self)
	quiet := func() (n int) {
		if err := s.ask(func(time.Time) { n = len(s.centre(2).keys[perm.exchange.Key.ID()].quiet) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := l.Invoke(t.Context(), bytesOf(&tg.InvokeWithoutUpdates{Query: bytesOf(self)})); err != nil || quiet() != 1 {
		t.Fatalf("got %v and %d quiet sessions, want 1", err, quiet())
	}
	ask(t, connect(t, s, 2, plain), ann)
	if _, err := l.Invoke(t.Context(), bytesOf(&tg.InvokeWithoutUpdates{Query: bytesOf(self)})); err != nil {
		t.Fatal(err)
	}
	if len(l.pushed) != 0 {
		t.Errorf("got %d updates, want none", len(l.pushed))
	}
	get(t, perm, &tg.AuthDropTempAuthKeys{})
	get(t, perm, self)
	if n := quiet(); n != 0 {
		t.Errorf("got %d quiet sessions, want none: the key is gone", n)
	}
}

// A key that a signed-in person's calls travel on is not one of a stranger's. Nor
// is the order of their making what counts: before each key there may be another
// that the client was asked to give up, because it begins with a zero byte.
func TestABoundKeyIsNotExpendable(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	given, temp := d.stranger(2).key, d.stranger(2).key
	v := d.visitor(2)
	signedIn(t, v, ann)
	temp.bindTo(v.key)
	late := d.stranger(2).key
	centre := &dataCentre{keys: map[mtproto.KeyID]*authKey{}}
	for _, k := range []*authKey{v.key, temp, given, late} {
		centre.keys[k.id], centre.order = k, append(centre.order, k.id)
	}
	for _, want := range []*authKey{given, late, v.key} { // the oldest of all in the end
		if got := centre.expendable(); got != want.id {
			t.Errorf("got the key %v, want %v", got, want.id)
		}
		centre.order = without(centre.order, want.id)
	}
}
