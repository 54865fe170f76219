package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/transport"
)

// person is a user with an account and a client, who makes calls under all
// conditions.
type person struct {
	*simulation
	name     string
	number   int
	random   *rand.Rand
	phone    string
	password string
	store    session.Store
	framing  transport.Framing

	signsIn, listens, restarts, pfs bool

	mu     sync.Mutex
	client *telekey.Client
	known  bool // signed in at some time
}

// at returns the current client.
func (p *person) at() *telekey.Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.client
}

// dial connects the client.
func (p *person) dial(ctx context.Context) error {
	c, err := telekey.Dial(ctx, telekey.Config{
		Network: p.Network(),
		Session: p.store,
		Dialer:  transport.TCP{Framing: p.framing, Plain: p.framing == transport.Full, DialContext: p.dialer(p.name)},
		PFS:     p.pfs,
		Log:     p.log.With("who", p.name),
	})
	if err != nil {
		return err
	}
	if p.listens {
		c.Subscribe(func(tg.AnyUpdates) {})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.client = c
	return nil
}

// arrive dials until it works.
func (p *person) arrive() {
	p.retry("dial", func(ctx context.Context) error { return p.dial(ctx) })
}

// retry calls do until it succeeds. It may fail while the network is faulty, but
// only with a documented error.
func (p *person) retry(what string, do func(context.Context) error) {
	for try := 0; try < mostTries; try++ {
		err := p.ledger.write(entry{who: p.name, what: what}, func() error { return do(p.t.Context()) })
		if err == nil || p.t.Failed() {
			return
		}
		p.log.Info("did not work", "who", p.name, "what", what, "error", err)
		time.Sleep(between(p.random, time.Second, 20*time.Second))
	}
	p.t.Errorf("%s: %s did not work in %d tries", p.name, what, mostTries)
}

// mostTries is more than the longest storm needs.
const mostTries = 2000

// enter signs in.
func (p *person) signIn() {
	p.retry("sign in", func(ctx context.Context) error {
		me, err := auth.SignIn(ctx, p.at(), auth.Phone(p.phone), auth.AskerFunc(p.answer))
		if err != nil {
			return err
		}
		if me.Phone == nil || "+"+*me.Phone != p.phone {
			p.t.Errorf("%s: signed in as %v", p.name, me.Phone)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.known = true
		return nil
	})
}

// answer answers a question with the person's data and the last code.
func (p *person) answer(ctx context.Context, q auth.Question) (auth.Answer, error) {
	switch q := q.(type) {
	case auth.CodeQuestion:
		if q.Refused != nil {
			return auth.Resend{}, nil
		}
		codes := p.Codes(p.phone)
		if len(codes) == 0 {
			return nil, fmt.Errorf("%s is asked for a code, and none was sent", p.name)
		}
		return auth.Code(codes[len(codes)-1].Code), nil
	case auth.PasswordQuestion:
		if q.Refused != nil {
			return nil, fmt.Errorf("%s's password: %w", p.name, q.Refused)
		}
		return auth.Secret(p.password), nil
	case auth.NameQuestion:
		return auth.Name{First: p.name}, nil
	case auth.TermsQuestion:
		return auth.Accept{}, nil
	}
	return nil, fmt.Errorf("%s cannot answer %T", p.name, q)
}

// live is all that a person does in a storm.
func (p *person) live() {
	p.arrive()
	if p.signsIn {
		p.signIn()
	}
	var business sync.WaitGroup
	for worker := range 2 + p.random.IntN(4) {
		r := p.seed.random("worker", p.name, worker)
		business.Go(func() {
			for n := range 2 + r.IntN(5) {
				if r.IntN(3) > 0 { // or at once
					time.Sleep(between(r, 0, 20*time.Second))
				}
				p.work(r, fmt.Sprintf("+888%03d%03d%03d", p.number, worker, n))
			}
		})
	}
	if p.restarts {
		time.Sleep(between(p.random, 0, 30*time.Second))
		if err := p.at().Close(); err != nil {
			p.t.Errorf("%s: close: %v", p.name, err)
		}
		p.arrive()
	}
	business.Wait()
}

// work makes one call. phone is an unused number.
func (p *person) work(r *rand.Rand, phone string) {
	e := entry{who: p.name}
	ctx, cancel := p.t.Context(), func() {}
	if patience := between(r, 0, 30*time.Second); r.IntN(4) == 0 {
		e.limited = true
		ctx, cancel = context.WithTimeout(ctx, patience)
	}
	defer cancel()
	c := p.at()
	sendCode := &tg.AuthSendCode{PhoneNumber: phone, APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}}
	var call func() error
	count := func(what string, through tg.Invoker) {
		e.what, e.phone = what, phone
		call = func() error { _, err := tg.Call(ctx, through, sendCode); return err }
	}
	switch r.IntN(8) {
	case 0:
		e.what = "ask for the nearest data centre"
		call = func() error { _, err := tg.Call(ctx, c, &tg.HelpGetNearestDC{}); return err }
	case 1:
		e.what = "ask who it is"
		call = func() error { return p.whoAmI(ctx, c) }
	case 2, 3:
		count("ask for a code", c)
	case 4:
		count("ask for a code at home", c.With(telekey.Follow(false)))
	case 5:
		e.repeatable = true
		count("ask for one or more codes", c.With(telekey.Repeatable()))
	case 6:
		count("ask for a code elsewhere", c.With(telekey.DC(3)))
	case 7:
		// The number determines its home: the home refuses or serves the call.
		sendCode.PhoneNumber = fmt.Sprintf("+99966%d%s", 1+r.IntN(3), phone[len(phone)-4:])
		e.what = "ask for a code of a test number"
		call = func() error { _, err := tg.Call(ctx, c.On(0), sendCode); return err }
	}
	err := p.ledger.write(e, call)
	p.log.Info("worked", "who", p.name, "what", e.what, "phone", e.phone, "error", err)
}

// whoAmI asks the server for the signed-in user, which it must not forget.
func (p *person) whoAmI(ctx context.Context, c *telekey.Client) error {
	p.mu.Lock()
	known := p.known
	p.mu.Unlock()
	users, err := tg.Call(ctx, c, &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}})
	switch {
	case errors.Is(err, tg.ErrAuthKeyUnregistered) && known:
		p.t.Errorf("%s was signed in, and the server says: %v", p.name, err)
	case err != nil:
		return err
	default:
		me, ok := users[0].(*tg.User)
		if !ok || me.Phone == nil || *me.Phone != strings.TrimPrefix(p.phone, "+") {
			p.t.Errorf("%s is taken for %+v", p.name, users[0])
		}
	}
	return nil
}
