package auth_test

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// fake is a connected client and the Telegram behind it: one number, +9996621234,
// whose code is 22222. It asserts nothing; calls notes what was called where.
type fake struct {
	session.Held

	home     int    // where the number lives; 0: wherever it is called
	name     string // of the account; empty: there is none yet
	password string // of the account; empty: none
	terms    bool

	dc      int  // where the client is at home
	coded   bool // the code was shown
	entered bool // signed in
	open    *challenge
	calls   []string
	refuse  map[string][]error // by method: errors to give first
	shown   []string           // the future auth tokens that the last auth.sendCode showed
	gives   []string           // those that the next sign-ins and log-outs give
	takes   string             // the one that lets in without a code
	err     error              // of Move

	patience time.Duration // see MaxFlood; 0: none

	passkey  *tg.AuthFinishPasskeyLogin // as it came
	costs    bool                       // a code has to be paid for
	accepted string                     // the token of the link that was accepted here

	mu          sync.Mutex
	subscribers []func(tg.AnyUpdates)
	scanned     bool // the login link was accepted elsewhere
}

// newFake is a client with a new session, at data centre 2.
func newFake() *fake {
	held, err := new(session.Memory).Hold(context.Background())
	if err != nil {
		panic(err)
	}
	f := &fake{Held: held, name: "Ann", dc: 2}
	f.Remember(context.Background(), func(d *session.Data) error {
		d.Home = 2
		d.Keys = map[int]session.Key{}
		for dc := 1; dc <= 3; dc++ {
			d.Keys[dc] = session.Key{Auth: session.NewAuthKey([256]byte{byte(dc)}), SignedIn: dc == 3}
		}
		return nil
	})
	return f
}

func (f *fake) On(dc int) tg.Invoker {
	if dc != 0 {
		return at{f, dc}
	}
	return f
}

func (f *fake) AtOnce() tg.Invoker      { return f }
func (f *fake) MaxFlood() time.Duration { return cmp.Or(f.patience, -1) }

func (f *fake) App() (id int, hash string) { return 12345, "app hash" }

func (f *fake) Refusals(func(int, error)) (stop func()) { return func() {} }
func (f *fake) Forget(context.Context) error            { return nil }

func (f *fake) Session() session.Data { return f.Data() }

func (f *fake) Remember(ctx context.Context, change func(*session.Data) error) error {
	return f.Update(ctx, change)
}

func (f *fake) Move(ctx context.Context, dc int) error {
	f.calls = append(f.calls, fmt.Sprint("move ", dc))
	f.dc = dc
	if f.err != nil {
		return f.err
	}
	return f.Remember(ctx, func(d *session.Data) error { d.Home = dc; return nil })
}

func (f *fake) Invoke(ctx context.Context, request []byte) ([]byte, error) {
	return f.invoke(ctx, request, 0)
}

func (f *fake) invoke(_ context.Context, request []byte, dc int) ([]byte, error) {
	r := tl.NewReader(request)
	method := tg.Schema.Read(r)
	if r.Err() != nil || r.Len() > 0 {
		return nil, fmt.Errorf("400 bad request: %v", r.Err())
	}
	name := tg.Schema.DefinitionOf(method).Name
	where := name
	if dc != 0 {
		where = fmt.Sprint(name, " at ", dc)
	}
	f.calls = append(f.calls, where)
	if left := f.refuse[name]; len(left) > 0 {
		f.refuse[name] = left[1:]
		return nil, left[0]
	}
	answer, err := f.answer(method)
	if err != nil {
		return nil, err
	}
	switch v := answer.(type) {
	case bool:
		return tl.AppendBool(nil, v), nil
	case *tg.User: // in a vector
		return tg.Schema.Append(tl.AppendInt(tl.AppendUint32(nil, tl.VectorID), 1), v)
	}
	return tg.Schema.Append(nil, answer)
}

func (f *fake) answer(method any) (any, error) {
	switch m := method.(type) {
	case *tg.UsersGetUsers:
		if err := f.allowed(); err != nil {
			return nil, err
		}
		return f.user(), nil
	case *tg.AuthSendCode:
		return f.sendCode(m)
	case *tg.AuthSignIn:
		return f.signIn(m)
	case *tg.AuthCancelCode, *tg.HelpAcceptTermsOfService:
		return true, nil
	case *tg.AuthSignUp:
		f.name = m.FirstName
		return f.enter()
	case *tg.AccountGetPassword:
		f.open = newChallenge(new(testing.T), f.password)
		return f.open.password("a horse"), nil
	case *tg.AuthCheckPassword:
		proof := m.Password.(*tg.InputCheckPasswordSRP)
		if f.open.Check(proof.A, proof.M1) != nil {
			return nil, tg.NewError(400, "PASSWORD_HASH_INVALID")
		}
		f.entered = true
		return f.enter()
	case *tg.AuthExportLoginToken:
		return f.exportToken()
	case *tg.AuthImportLoginToken:
		return f.linkAccepted()
	case *tg.AuthAcceptLoginToken:
		return f.acceptToken(m)
	case *tg.AuthImportBotAuthorization, *tg.AuthImportWebTokenAuthorization:
		return f.enter()
	case *tg.AuthInitPasskeyLogin:
		return &tg.AuthPasskeyLoginOptions{Options: &tg.DataJSON{Data: `{"publicKey":{}}`}}, nil
	case *tg.AuthFinishPasskeyLogin:
		return f.finishPasskey(m)
	case *tg.AuthLogOut:
		if err := f.allowed(); err != nil {
			return nil, err
		}
		f.entered = false
		f.coded = false
		return &tg.AuthLoggedOut{FutureAuthToken: f.give()}, nil
	}
	return nil, tg.NewError(400, "INPUT_METHOD_INVALID")
}

// allowed is what ordinary methods say to this key.
func (f *fake) allowed() error {
	switch {
	case f.entered:
		return nil
	case f.coded && f.password != "":
		return tg.NewError(401, "SESSION_PASSWORD_NEEDED")
	}
	return tg.NewError(401, "AUTH_KEY_UNREGISTERED")
}

func (f *fake) sendCode(m *tg.AuthSendCode) (any, error) {
	switch {
	case m.APIID != 12345 || m.APIHash != "app hash":
		return nil, tg.NewError(400, "API_ID_INVALID")
	case m.PhoneNumber != "9996621234":
		return nil, tg.NewError(400, "PHONE_NUMBER_INVALID")
	case f.home != 0 && f.home != f.dc:
		return nil, tg.NewError(303, fmt.Sprint("PHONE_MIGRATE_", f.home))
	}
	if f.costs {
		return &tg.AuthSentCodePaymentRequired{StoreProduct: "code", PhoneCodeHash: f.hash(), Currency: "EUR", Amount: 199}, nil
	}
	f.shown = nil
	for _, token := range m.Settings.LogoutTokens {
		f.shown = append(f.shown, string(token))
	}
	if slices.Contains(f.shown, f.takes) {
		f.coded = true
		if f.password != "" {
			return nil, f.allowed()
		}
		in, err := f.enter()
		return &tg.AuthSentCodeSuccess{Authorization: in.(*tg.AuthAuthorization)}, err
	}
	return &tg.AuthSentCode{Type: &tg.AuthSentCodeTypeApp{Length: 5}, PhoneCodeHash: f.hash()}, nil
}

func (f *fake) hash() string { return fmt.Sprint("hash of data centre ", f.dc) }

func (f *fake) signIn(m *tg.AuthSignIn) (any, error) {
	switch {
	case m.PhoneCodeHash != f.hash():
		return nil, tg.NewError(400, "PHONE_CODE_EXPIRED")
	case m.PhoneCode == nil || *m.PhoneCode != "22222":
		return nil, tg.NewError(400, "PHONE_CODE_INVALID")
	}
	f.coded = true
	switch {
	case f.name == "" && f.terms:
		return &tg.AuthAuthorizationSignUpRequired{TermsOfService: &tg.HelpTermsOfService{
			ID: &tg.DataJSON{Data: "tos"}, Text: "Be kind.", MinAgeConfirm: new(int32(16)),
		}}, nil
	case f.name == "":
		return &tg.AuthAuthorizationSignUpRequired{}, nil
	case f.password != "":
		return nil, f.allowed()
	}
	return f.enter()
}

func (f *fake) enter() (any, error) {
	f.entered = true
	return &tg.AuthAuthorization{User: f.user(), FutureAuthToken: f.give()}, nil
}

// give is the next future auth token, or nil.
func (f *fake) give() (token []byte) {
	if len(f.gives) > 0 {
		token, f.gives = []byte(f.gives[0]), f.gives[1:]
	}
	return token
}

func (f *fake) user() *tg.User {
	return &tg.User{Self: true, ID: 42, FirstName: &f.name, LastName: new("Lee"), Username: new("ann"), Phone: new("9996621234")}
}

// called compares the calls that were made, in order.
func (f *fake) called(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(f.calls, want) {
		t.Errorf("got the calls %q, want %q", f.calls, want)
	}
}

// remembered compares the user in the session, and where it is signed in.
func (f *fake) remembered(t *testing.T, want *session.User, signedIn ...int) {
	t.Helper()
	d := f.Data()
	var got []int
	for dc := range d.Keys {
		if d.Keys[dc].SignedIn {
			got = append(got, dc)
		}
	}
	slices.Sort(got)
	if !reflect.DeepEqual(d.User, want) || !slices.Equal(got, signedIn) {
		t.Errorf("got the session of %+v, signed in at %v; want %+v, at %v", d.User, got, want, signedIn)
	}
}
