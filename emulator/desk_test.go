package emulator

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/srp"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// desk is a world without network: visitors bring their calls to it in person.
type desk struct {
	t    testing.TB
	w    *world
	now  time.Time
	last mtproto.KeyID
}

// noise is a source of the same bytes in every run.
func noise(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func newDesk(t testing.TB, users ...User) *desk {
	d := &desk{t: t, now: time.Unix(1_800_000_000, 0)}
	s := &Server{&hiddenServer{&serverState{cfg: Config{DCs: []int{1, 2, 3}}}}}
	t.Cleanup(s.running.Wait)
	s.world = newWorld(Config{Log: slog.New(slog.DiscardHandler), Random: noise(1)}, s.running.Go)
	d.w = s.world
	for id := 1; id <= 3; id++ {
		d.w.centres = append(d.w.centres, place{id, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(41000+id))})
	}
	for _, u := range users {
		if err := s.addUser(u); err != nil {
			t.Fatal(err)
		}
		if p := d.w.accounts.order[len(d.w.accounts.order)-1].password; p != nil {
			secret := u.Password
			p.verifier = sync.OnceValue(func() []byte { v, _ := verifierOf(p.group, secret); return v })
		}
	}
	return d
}

// verifiers are what passwords are checked with, by salts and password. Each takes
// long to make, and desks draw the same salts in every run.
var verifiers sync.Map

func verifierOf(g srp.Group, password string) ([]byte, error) {
	name := fmt.Sprintf("%x %x %s", g.Salt1, g.Salt2, password)
	if v, ok := verifiers.Load(name); ok {
		return v.([]byte), nil
	}
	v, err := srp.Verifier(g, []byte(password))
	verifiers.Store(name, v)
	return v, err
}

// visitor is a client at the desk, with a key of its own. It is a tg.Invoker.
type visitor struct {
	*desk
	*caller
}

// stranger is a client whose key is new.
func (d *desk) stranger(dc int) *visitor {
	d.last++
	return &visitor{d, &caller{dc: dc, session: 1, key: &authKey{dc: dc, id: d.last}}}
}

// visitor is a client that has introduced itself in the newest layer.
func (d *desk) visitor(dc int) *visitor { return d.visitorOf(dc, tg.Layer) }

func (d *desk) visitorOf(dc, layer int) *visitor {
	v := d.stranger(dc)
	v.key.layer = layer
	v.key.device = &device{apiID: 1, model: "desk", systemVersion: "1", appVersion: "1"}
	return v
}

// serve answers a call at once, tasks included.
func (w *world) serve(c *caller, now time.Time, o order) ([]byte, *refusal) {
	for {
		b, no := w.attempt(c, now, o)
		if no != later {
			return b, no
		}
		c.task.do()
	}
}

// bring makes a call of any bytes.
func (v *visitor) bring(request []byte) ([]byte, *refusal) {
	c := *v.caller // what a call says about itself is said of no other
	return v.w.serve(&c, v.now, v.w.read(&c, request, mtproto.NewUnpacker(1<<20)))
}

func (v *visitor) Invoke(_ context.Context, request []byte) ([]byte, error) {
	answer, no := v.bring(request)
	if no != nil {
		return nil, tg.NewError(no.code, no.message)
	}
	return answer, nil
}

// introduction wraps a call as a client's first one.
func introduction(layer int32, query []byte) *tg.InvokeWithLayer {
	return &tg.InvokeWithLayer{Layer: layer, Query: bytesOf(&tg.InitConnection{
		APIID: 12345, DeviceModel: "test", SystemVersion: "1", AppVersion: "1",
		SystemLangCode: "en", LangCode: "en", Query: query,
	})}
}

func bytesOf(v any) tl.Raw {
	b, err := tg.Schema.Append(nil, v)
	if err != nil {
		panic(err)
	}
	return b
}

// get makes a call that must be answered.
func get[R any](t testing.TB, c tg.Invoker, m tg.Method[R]) R {
	t.Helper()
	answer, err := tg.Call(t.Context(), c, m)
	if err != nil {
		t.Fatalf("%T: %v", m, err)
	}
	return answer
}

// wantRefusal makes a call that must be refused.
func wantRefusal[R any](t testing.TB, c tg.Invoker, m tg.Method[R], code int, message string) {
	t.Helper()
	answer, err := tg.Call(t.Context(), c, m)
	e := tg.AsError(err)
	if e == nil || e.Code != code || e.Message != message {
		t.Fatalf("%T: got %+v, %v; want %d %s", m, answer, err, code, message)
	}
}

// ask asks for a code and returns its hash.
func ask(t testing.TB, c tg.Invoker, phone string) string {
	t.Helper()
	return askFor(t, c, phone).PhoneCodeHash
}

func askFor(t testing.TB, c tg.Invoker, phone string) *tg.AuthSentCode {
	t.Helper()
	answer := get(t, c, codeFor(phone))
	sent, ok := answer.(*tg.AuthSentCode)
	if !ok {
		t.Fatalf("got %T, want auth.sentCode", answer)
	}
	return sent
}

func codeFor(phone string) *tg.AuthSendCode {
	return &tg.AuthSendCode{PhoneNumber: phone, APIID: 12345, APIHash: "0123456789abcdef", Settings: &tg.CodeSettings{}}
}

func typeIn(phone, hash, code string) *tg.AuthSignIn {
	return &tg.AuthSignIn{PhoneNumber: phone, PhoneCodeHash: hash, PhoneCode: &code}
}

// signedIn signs c in to an account without password, by a test number.
func signedIn(t testing.TB, c tg.Invoker, phone string) *tg.User {
	t.Helper()
	number, _ := parsePhone(phone)
	code := string([]byte{number[5], number[5], number[5], number[5], number[5]})
	return userOf(t, get(t, c, typeIn(phone, ask(t, c, phone), code)))
}

// userOf returns the user in an auth.authorization.
func userOf(t testing.TB, a tg.AnyAuthAuthorization) *tg.User {
	t.Helper()
	in, ok := a.(*tg.AuthAuthorization)
	if !ok {
		t.Fatalf("got %T, want auth.authorization", a)
	}
	u, ok := in.User.(*tg.User)
	if !ok || !u.Self {
		t.Fatalf("got the user %+v, want oneself", in.User)
	}
	return u
}

// proof answers a password question.
func proof(t testing.TB, p *tg.AccountPassword, password string) *tg.AuthCheckPassword {
	t.Helper()
	algo, ok := p.CurrentAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	if !ok || p.SRPID == nil {
		t.Fatalf("got %+v, want a question for the password", p)
	}
	group := srp.Group{Salt1: algo.Salt1, Salt2: algo.Salt2, G: int(algo.G), P: algo.P}
	a, m1, err := srp.Proof(group, p.SRPB, []byte(password), noise(9))
	if err != nil {
		t.Fatal(err)
	}
	return &tg.AuthCheckPassword{Password: &tg.InputCheckPasswordSRP{SRPID: *p.SRPID, A: a, M1: m1}}
}

// wantUnauthorized says that c is nobody.
func wantUnauthorized(t testing.TB, c tg.Invoker) {
	t.Helper()
	wantRefusal(t, c, &tg.UsersGetFullUser{ID: &tg.InputUserSelf{}}, 401, "AUTH_KEY_UNREGISTERED")
}
