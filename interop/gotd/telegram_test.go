package gotd

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
	"github.com/gotd/td/transport"

	"github.com/telekey/telekey/dc"
)

// foreign is a small Telegram of two data centres, made with gotd's tgtest: its
// key exchange, its MTProto, its schema. Only what a sign-in asks for is ours.
//
// It is incomplete: it does not recognise repeated messages, does not implement
// msgs_state_req and accepts any salt.
type foreign struct {
	network dc.Network

	mu      sync.Mutex
	seen    map[[8]byte]*device // by authorization key
	faults  map[string][]fault  // by method, used up one by one
	calls   []string            // every call that was executed or refused, as method@dc
	people  map[string]*account
	servers map[int]*tgtest.Server
}

// account is an account, found by its number without the plus.
type account struct {
	user     *tg.User
	dc       int
	password *verifier // nil: none
}

// device is the server's state of an authorization key.
type device struct {
	dc      int
	phone   string // a code was sent to it
	hash    string
	proved  bool     // the code was right
	waiting *account // for its password
	owner   *account // who is signed in
}

// fault is what goes wrong with one call: a refusal, or the connection breaks
// before or after the call is executed.
type fault struct {
	refusal             *tgerr.Error
	cutBefore, cutAfter bool
}

const theCode = "24680"

// wire is how the network is listened to.
type wire func(net.Listener) net.Listener

// newForeign starts the servers. They end with the test.
func newForeign(t *testing.T, wrap wire) *foreign {
	t.Helper()
	w := &foreign{
		seen: map[[8]byte]*device{}, faults: map[string][]fault{}, servers: map[int]*tgtest.Server{},
		people: map[string]*account{
			"10001": {user: &tg.User{ID: 1, FirstName: "Ann", Phone: "10001"}, dc: 2},
			"10002": {user: &tg.User{ID: 2, FirstName: "Bob", Phone: "10002"}, dc: 2, password: newVerifier(t, bobsPassword)},
			"10003": {user: &tg.User{ID: 3, FirstName: "Cleo", Phone: "10003"}, dc: 1},
		},
	}
	for _, id := range []int{2, 1} {
		w.listen(t, id, wrap)
	}
	return w
}

// keys are the servers' own, one each, made once: that takes a while.
var keys = map[int]func() (*rsa.PrivateKey, error){1: newKey(), 2: newKey()}

func newKey() func() (*rsa.PrivateKey, error) {
	return sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
}

func (w *foreign) listen(t *testing.T, id int, wrap wire) {
	t.Helper()
	key, err := keys[id]()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.network.Keys = append(w.network.Keys, &key.PublicKey)
	w.network.DCs = append(w.network.DCs, dc.Endpoint{ID: id, Addr: l.Addr().String()})
	if wrap != nil {
		l = wrap(l)
	}
	server := tgtest.NewServer(tgtest.NewPrivateKey(key), tgtest.UnpackInvoke(w.dispatcher()), tgtest.ServerOptions{DC: id})
	w.servers[id] = server
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(ctx, transport.Listen(l)) })
	t.Cleanup(func() { stop(); serving.Wait() })
}

// dispatcher says who answers what.
func (w *foreign) dispatcher() *tgtest.Dispatcher {
	d := tgtest.NewDispatcher()
	handle(w, d, w.getConfig)
	handle(w, d, w.sendCode)
	handle(w, d, w.signIn)
	handle(w, d, w.signUp)
	handle(w, d, w.getPassword)
	handle(w, d, w.checkPassword)
	handle(w, d, w.getUsers)
	handle(w, d, w.logOut)
	d.Fallback(tgtest.HandlerFunc(func(*tgtest.Server, *tgtest.Request) error {
		return tgerr.New(400, "INPUT_METHOD_INVALID")
	}))
	return d
}

// method is a request of gotd's.
type method[Q any] interface {
	*Q
	bin.Decoder
	TypeID() uint32
	TypeName() string
}

// vector is an answer that is a list.
type vector []bin.Encoder

func (vector) Encode(*bin.Buffer) error { panic("sent by SendVector") }

// handle has f answer a method, when nothing goes wrong.
func handle[Q any, P method[Q]](w *foreign, d *tgtest.Dispatcher, f func(d *device, q *Q) (bin.Encoder, error)) {
	var zero Q
	d.HandleFunc(P(&zero).TypeID(), func(server *tgtest.Server, r *tgtest.Request) error {
		var q Q
		if err := P(&q).Decode(r.Buf); err != nil {
			return err
		}
		w.mu.Lock()
		fault := w.next(P(&q).TypeName(), r.DC)
		var answer bin.Encoder
		var err error
		switch {
		case fault.refusal != nil:
			err = fault.refusal
		case !fault.cutBefore:
			answer, err = f(w.device(r), &q)
		}
		w.mu.Unlock()
		switch {
		case fault.cutBefore, fault.cutAfter:
			server.ForceDisconnect(r.Session)
			return nil
		case err != nil:
			return err
		}
		if list, ok := answer.(vector); ok {
			return server.SendVector(r, list...)
		}
		return server.SendResult(r, answer)
	})
}

// next notes a call and returns its fault.
func (w *foreign) next(method string, dc int) fault {
	w.calls = append(w.calls, method+"@"+strconv.Itoa(dc))
	list := w.faults[method]
	if len(list) == 0 {
		return fault{}
	}
	w.faults[method] = list[1:]
	return list[0]
}

// device returns the state of a request's key.
func (w *foreign) device(r *tgtest.Request) *device {
	id := r.Session.AuthKey.ID
	if w.seen[id] == nil {
		w.seen[id] = &device{dc: r.DC}
	}
	return w.seen[id]
}

func (w *foreign) getConfig(d *device, _ *tg.HelpGetConfigRequest) (bin.Encoder, error) {
	return &tg.Config{ThisDC: d.dc}, nil
}

func (w *foreign) sendCode(d *device, q *tg.AuthSendCodeRequest) (bin.Encoder, error) {
	if a := w.people[q.PhoneNumber]; a != nil && a.dc != d.dc {
		return nil, tgerr.New(303, "PHONE_MIGRATE_"+strconv.Itoa(a.dc))
	}
	*d = device{dc: d.dc, phone: q.PhoneNumber, hash: rand.Text()}
	return &tg.AuthSentCode{Type: &tg.AuthSentCodeTypeSMS{Length: len(theCode)}, PhoneCodeHash: d.hash}, nil
}

func (w *foreign) signIn(d *device, q *tg.AuthSignInRequest) (bin.Encoder, error) {
	switch a := w.people[d.phone]; {
	case q.PhoneNumber != d.phone || q.PhoneCodeHash != d.hash:
		return nil, tgerr.New(400, "PHONE_CODE_EXPIRED")
	case q.PhoneCode != theCode:
		return nil, tgerr.New(400, "PHONE_CODE_INVALID")
	case a == nil:
		d.proved = true
		return &tg.AuthAuthorizationSignUpRequired{TermsOfService: tg.HelpTermsOfService{
			ID: tg.DataJSON{Data: "1"}, Text: "Be kind.",
		}}, nil
	case a.password != nil:
		d.waiting = a
		return nil, tgerr.New(401, "SESSION_PASSWORD_NEEDED")
	default:
		return w.welcome(d, a), nil
	}
}

func (w *foreign) signUp(d *device, q *tg.AuthSignUpRequest) (bin.Encoder, error) {
	if !d.proved || q.PhoneCodeHash != d.hash {
		return nil, tgerr.New(400, "PHONE_CODE_INVALID")
	}
	if w.people[d.phone] == nil {
		w.people[d.phone] = &account{dc: d.dc, user: &tg.User{
			ID: int64(len(w.people) + 1), FirstName: q.FirstName, LastName: q.LastName, Phone: d.phone,
		}}
	}
	return w.welcome(d, w.people[d.phone]), nil
}

// welcome signs a device in.
func (w *foreign) welcome(d *device, a *account) bin.Encoder {
	d.owner, d.waiting = a, nil
	user := *a.user
	user.SetSelf(true)
	return &tg.AuthAuthorization{User: &user}
}

func (w *foreign) getPassword(d *device, _ *tg.AccountGetPasswordRequest) (bin.Encoder, error) {
	if d.waiting == nil {
		return nil, tgerr.New(401, "AUTH_KEY_UNREGISTERED")
	}
	return d.waiting.password.challenge(), nil
}

func (w *foreign) checkPassword(d *device, q *tg.AuthCheckPasswordRequest) (bin.Encoder, error) {
	proof, ok := q.Password.(*tg.InputCheckPasswordSRP)
	switch {
	case d.owner != nil && d.owner.password != nil:
		return w.welcome(d, d.owner), nil // again: the answer was lost
	case d.waiting == nil:
		return nil, tgerr.New(401, "AUTH_KEY_UNREGISTERED")
	case !ok || !d.waiting.password.proves(proof):
		return nil, tgerr.New(400, "PASSWORD_HASH_INVALID")
	}
	return w.welcome(d, d.waiting), nil
}

func (w *foreign) getUsers(d *device, _ *tg.UsersGetUsersRequest) (bin.Encoder, error) {
	switch {
	case d.waiting != nil:
		return nil, tgerr.New(401, "SESSION_PASSWORD_NEEDED")
	case d.owner == nil:
		return nil, tgerr.New(401, "AUTH_KEY_UNREGISTERED")
	}
	user := *d.owner.user
	user.SetSelf(true)
	return vector{&user}, nil
}

func (w *foreign) logOut(d *device, _ *tg.AuthLogOutRequest) (bin.Encoder, error) {
	*d = device{dc: d.dc}
	return &tg.AuthLoggedOut{}, nil
}
