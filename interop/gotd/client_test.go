package gotd

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/transport"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/websocket"
)

// The accounts of the emulator.
const (
	ann  = "+9996620001"
	bob  = "+9996620002" // has a password
	cleo = "+9996610003" // at home in data centre 1
	new_ = "+9996620099" // has no account

	bobsPassword = "correct horse"
)

// emulated starts an emulator.
func emulated(t *testing.T) *emulator.Server {
	t.Helper()
	s, err := emulator.Start(emulator.Config{
		Users: []emulator.User{
			{Phone: ann, FirstName: "Ann"},
			{Phone: bob, FirstName: "Bob", Password: bobsPassword},
			{Phone: cleo, FirstName: "Cleo"},
		},
		Upgrade: websocket.Upgrade,
		Log:     measured(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// options point gotd's client at the emulator.
func options(t *testing.T, s *emulator.Server) telegram.Options {
	t.Helper()
	o := telegram.Options{
		Resolver:       dcs.Plain(dcs.PlainOptions{}),
		SessionStorage: new(session.StorageMemory),
	}
	o.DCList.Domains = map[int]string{} // for WebSocket
	network := s.Network()
	for _, key := range network.Keys {
		o.PublicKeys = append(o.PublicKeys, telegram.PublicKey{RSA: key})
	}
	for _, endpoint := range network.DCs {
		host, port, err := net.SplitHostPort(endpoint.Addr)
		if err != nil {
			t.Fatal(err)
		}
		number, err := strconv.Atoi(port)
		if err != nil {
			t.Fatal(err)
		}
		o.DCList.Domains[endpoint.ID] = "ws://" + endpoint.Addr + "/apiws"
		o.DCList.Options = append(o.DCList.Options, tg.DCOption{ID: endpoint.ID, IPAddress: host, Port: number, Static: true})
	}
	return o
}

// run connects a client of gotd's, lets it do something, and disconnects.
func run(t *testing.T, o telegram.Options, story func(ctx context.Context, c *telegram.Client) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := telegram.NewClient(12345, "0123456789abcdef0123456789abcdef", o)
	if err := c.Run(ctx, func(ctx context.Context) error { return story(ctx, c) }); err != nil {
		t.Fatal(err)
	}
}

// person answers the questions of gotd's sign-in flow.
type person struct{ phone, password string }

func (p person) Phone(context.Context) (string, error)    { return p.phone, nil }
func (p person) Password(context.Context) (string, error) { return p.password, nil }
func (p person) Code(context.Context, *tg.AuthSentCode) (string, error) {
	return codeOf(p.phone), nil
}
func (p person) AcceptTermsOfService(context.Context, tg.HelpTermsOfService) error { return nil }
func (p person) SignUp(context.Context) (auth.UserInfo, error) {
	return auth.UserInfo{FirstName: "Go", LastName: "Td"}, nil
}

// codeOf is the code of a test number: its data centre's digit five times.
func codeOf(phone string) string { return strings.Repeat(phone[len("+99966"):][:1], 5) }

// signedIn returns a story: sign in by gotd's flow and ask who that is.
func signedIn(p person, want string) func(context.Context, *telegram.Client) error {
	return func(ctx context.Context, c *telegram.Client) error {
		if err := auth.NewFlow(p, auth.SendCodeOptions{}).Run(ctx, c.Auth()); err != nil {
			return err
		}
		return named(want)(ctx, c)
	}
}

// named returns a story: the client is signed in as the user of that name.
func named(want string) func(context.Context, *telegram.Client) error {
	return func(ctx context.Context, c *telegram.Client) error {
		me, err := c.Self(ctx)
		if err == nil && (me.FirstName != want || !me.Self) {
			err = errors.New("got the user " + me.FirstName + ", want " + want)
		}
		return err
	}
}

// signedOut is the story of a key that is not signed in.
func signedOut(ctx context.Context, c *telegram.Client) error {
	_, err := c.Self(ctx)
	return refused(err, 401, "AUTH_KEY_UNREGISTERED")
}

// refused returns nil if err is a refusal with that code and message.
func refused(err error, code int, message string) error {
	if e, ok := tgerr.As(err); ok && e.Code == code && e.Message == message {
		return nil
	}
	return errors.Join(errors.New("want the refusal "+message), err)
}

func TestGotdSignsUp(t *testing.T) {
	o := options(t, emulated(t))
	run(t, o, signedOut)
	run(t, o, signedIn(person{phone: new_}, "Go"))
	run(t, o, named("Go"))
}

func TestGotdMistypesACodeSignsInResumesAndLogsOut(t *testing.T) {
	o := options(t, emulated(t))
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		sent, err := c.Auth().SendCode(ctx, ann, auth.SendCodeOptions{})
		if err != nil {
			return err
		}
		hash := sent.(*tg.AuthSentCode).PhoneCodeHash
		_, err = c.Auth().SignIn(ctx, ann, "00000", hash)
		if err := refused(err, 400, "PHONE_CODE_INVALID"); err != nil {
			return err
		}
		_, err = c.Auth().SignIn(ctx, ann, codeOf(ann), hash)
		return err
	})
	run(t, o, named("Ann"))
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		if _, err := c.API().AuthLogOut(ctx); err != nil {
			return err
		}
		return signedOut(ctx, c)
	})
}

func TestGotdMistypesAPasswordAndIsLetInWithTheRightOne(t *testing.T) {
	o := options(t, emulated(t))
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		wrong := auth.NewFlow(person{bob, "wrong"}, auth.SendCodeOptions{}).Run(ctx, c.Auth())
		if !errors.Is(wrong, auth.ErrPasswordInvalid) {
			return errors.Join(errors.New("want: the password is invalid"), wrong)
		}
		_, err := c.Auth().Password(ctx, bobsPassword)
		return err
	})
	run(t, o, named("Bob"))
}

func TestGotdFollowsANumberToItsDataCentre(t *testing.T) {
	o := options(t, emulated(t))
	run(t, o, signedIn(person{phone: cleo}, "Cleo"))
	run(t, o, named("Cleo"))
}

func TestGotdCarriesItsAuthorizationToAnotherDataCentre(t *testing.T) {
	o := options(t, emulated(t))
	run(t, o, signedIn(person{phone: ann}, "Ann"))
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		other, err := c.DC(ctx, 3, 1)
		if err != nil {
			return err
		}
		defer other.Close()
		users, err := tg.NewClient(other).UsersGetUsers(ctx, []tg.InputUserClass{&tg.InputUserSelf{}})
		if err == nil && (len(users) != 1 || users[0].(*tg.User).FirstName != "Ann") {
			err = errors.New("want Ann in data centre 3, too")
		}
		return err
	})
}

// The code is a message to the devices on which the account is signed in.
func TestGotdIsToldTheCodeOfAnotherDevice(t *testing.T) {
	s := emulated(t)
	o := options(t, s)
	told := make(chan string, 1)
	dispatcher := tg.NewUpdateDispatcher()
	dispatcher.OnNewMessage(func(_ context.Context, _ tg.Entities, u *tg.UpdateNewMessage) error {
		if m, ok := u.Message.(*tg.Message); ok {
			told <- m.Message
		}
		return nil
	})
	o.UpdateHandler = dispatcher
	run(t, o, func(ctx context.Context, c *telegram.Client) error {
		if err := signedIn(person{phone: ann}, "Ann")(ctx, c); err != nil {
			return err
		}
		run(t, options(t, s), signedIn(person{phone: ann}, "Ann"))
		select {
		case text := <-told:
			if !strings.Contains(text, codeOf(ann)) {
				return errors.New("got the message " + text + ", want the code in it")
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func TestGotdSignsInOverEveryTransport(t *testing.T) {
	s := emulated(t)
	for name, resolver := range map[string]dcs.Resolver{
		"abridged":                dcs.Plain(dcs.PlainOptions{Protocol: transport.Abridged}),
		"intermediate":            dcs.Plain(dcs.PlainOptions{Protocol: transport.Intermediate}),
		"padded":                  dcs.Plain(dcs.PlainOptions{Protocol: transport.PaddedIntermediate}),
		"full":                    dcs.Plain(dcs.PlainOptions{Protocol: transport.Full}),
		"obfuscated abridged":     dcs.Plain(dcs.PlainOptions{Protocol: transport.Abridged, Obfuscated: true}),
		"obfuscated intermediate": dcs.Plain(dcs.PlainOptions{Protocol: transport.Intermediate, Obfuscated: true}),
		"obfuscated padded":       dcs.Plain(dcs.PlainOptions{Protocol: transport.PaddedIntermediate, Obfuscated: true}),
		"WebSocket":               dcs.Websocket(dcs.WebsocketOptions{}),
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, s)
			o.Resolver = resolver
			run(t, o, signedIn(person{phone: cleo}, "Cleo"))
			run(t, o, named("Cleo"))
		})
	}
}

// With perfect forward secrecy every call goes by a temporary key.
func TestGotdSignsInWithTemporaryKeys(t *testing.T) {
	o := options(t, emulated(t))
	o.EnablePFS = true
	run(t, o, signedIn(person{phone: cleo}, "Cleo"))
	run(t, o, named("Cleo"))
}
