package emulator

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"math"
	"net"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/internal/frame"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
)

var plain = how{kind: frame.Intermediate}

func TestSigningInOverEveryFraming(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	for _, h := range []how{
		{frame.Abridged, false}, {frame.Intermediate, false}, {frame.Padded, false}, {frame.Full, false},
		{frame.Abridged, true}, {frame.Intermediate, true}, {frame.Padded, true},
	} {
		l := connect(t, s, 2, h)
		wantUnauthorized(t, l)
		signedIn(t, l, ann)
		if full := get(t, l, &tg.UsersGetFullUser{ID: &tg.InputUserSelf{}}); *full.Users[0].(*tg.User).Phone != "9996620001" {
			t.Errorf("%+v: got %+v", h, full)
		}
	}
}

// The whole of the guide's flow for an account with a password, on the wire:
// asked at the wrong door first.
func TestSigningInWithMigrationAndPassword(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann, Password: "correct horse"}}})
	wrongDoor := connect(t, s, 1, plain)
	wantRefusal(t, wrongDoor, codeFor(ann), 303, "PHONE_MIGRATE_2")
	l := connect(t, s, 2, plain)
	hash := ask(t, l, ann)
	code, err := s.WaitCode(t.Context(), "999 662 0001")
	if err != nil || code.Code != codeX {
		t.Fatalf("got %+v, %v", code, err)
	}
	wantRefusal(t, l, typeIn(ann, hash, code.Code), 401, "SESSION_PASSWORD_NEEDED")
	u := userOf(t, get(t, l, proof(t, get(t, l, getPassw0rd), "correct horse")))

	// And then to the other data centres, as some clients do at once.
	for dc, other := range map[int32]*line{1: wrongDoor, 3: connect(t, s, 3, plain)} {
		ticket := get(t, l, &tg.AuthExportAuthorization{DCID: dc})
		in := &tg.AuthImportAuthorization{ID: ticket.ID, Bytes: ticket.Bytes}
		if got := userOf(t, get(t, other, in)); got.ID != u.ID {
			t.Errorf("data centre %d: got the user %d, want %d", dc, got.ID, u.ID)
		}
	}
}

func TestAKeyIsGoodForTheNextSocketAndSession(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)

	l = l.move(s, 2, how{frame.Abridged, true})
	get(t, l, self)

	// Another session, with salt 0 as some clients begin, and never introduced:
	// layer and device are the key's.
	second := tap(t, s.dial, 2, plain)
	second.layer = 0
	second.begin(l.exchange.Key, 0)
	get(t, second, self)
	get(t, second, &tg.AuthLogOut{})
	wantUnauthorized(t, second)
	wantUnauthorized(t, l)
}

func TestALoggedOutKeyCanSignInAgain(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	for range 3 {
		signedIn(t, l, ann)
		get(t, l, &tg.AuthLogOut{})
		wantUnauthorized(t, l)
	}
}

func TestTheCodeArrivesOnTheOtherDevice(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	first, quiet := connect(t, s, 2, plain), connect(t, s, 2, plain)
	signedIn(t, first, ann)
	ask(t, quiet, ann)
	u := first.update().(*tg.Updates)
	m := u.Updates[0].(*tg.UpdateNewMessage).Message.(*tg.Message)
	if !strings.Contains(m.Message, codeX) || m.FromID.(*tg.PeerUser).UserID != 777000 {
		t.Errorf("got %+v, want the code from 777000", m)
	}
	if get(t, first, &tg.UpdatesGetState{}).Pts != 2 {
		t.Error("the update is not counted")
	}
}

// https://core.telegram.org/method/invokeWithoutUpdates
func TestASessionWithoutUpdatesIsLeftInPeaceUntilItCallsOtherwise(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	first := connect(t, s, 2, plain)
	signedIn(t, first, ann)
	get(t, first, self)
	first.layer = 0
	if _, err := first.Invoke(t.Context(), bytesOf(&tg.InvokeWithoutUpdates{Query: bytesOf(self)})); err != nil {
		t.Fatal(err)
	}
	ask(t, connect(t, s, 2, plain), ann)
	get(t, first, self) // an update would have come before this answer
	if len(first.pushed) != 0 {
		t.Errorf("got %d updates, want none", len(first.pushed))
	}
	ask(t, connect(t, s, 2, plain), ann)
	if _, ok := first.update().(*tg.Updates); !ok { // that call has subscribed it
		t.Error("got something else, want the message with the code")
	}
}

func TestAPackedQueryIsUnpacked(t *testing.T) {
	s := running(t, Config{})
	l := connect(t, s, 2, plain)
	l.layer = 0
	packed := mtproto.Pack(bytesOf(introduction(tg.Layer, bytesOf(&tg.HelpGetConfig{}))))
	b, err := l.Invoke(t.Context(), packed)
	if err != nil {
		t.Fatal(err)
	}
	var c *tg.Config
	if err := tg.Schema.Decode(b, &c); err != nil || c.ThisDC != 2 {
		t.Errorf("got %+v, %v", c, err)
	}
	for _, o := range c.DCOptions {
		if want, _ := s.Network().Endpoint(int(o.ID)); want.Addr != net.JoinHostPort(o.IPAddress, strconv.Itoa(int(o.Port))) {
			t.Errorf("got %+v, want the address %s", o, want.Addr)
		}
	}
}

func TestTestNetworkAndOrdinaryOneAreToldApart(t *testing.T) {
	s := running(t, Config{Test: true})
	if !s.Network().Test {
		t.Fatal("the network is not a test one")
	}
	l := connect(t, s, 2, plain)
	if !get(t, l, &tg.HelpGetConfig{}).TestMode {
		t.Error("the configuration says that it is not")
	}
	mixed := tap(t, s.dial, 2, plain)
	h := mtproto.NewHandshake(time.Now(), mtproto.HandshakeParams{DC: 2, Keys: s.Network().Keys, Random: rand.Reader})
	var refused *mtproto.TransportError
	if err := mixed.exchangeAll(h); !errors.As(err, &refused) || refused.Code != -444 {
		t.Errorf("got %v, want transport error -444", err)
	}
	wantEOF(t, mixed)
}

// exchangeAll runs a key exchange until it fails.
func (l *line) exchangeAll(h *mtproto.Handshake) error {
	for {
		if packet, ok := h.Next(); ok {
			if err := l.write(packet); err != nil {
				return err
			}
		}
		packet, err := l.read()
		if err != nil {
			return err
		}
		if err := h.Receive(time.Now(), packet); err != nil {
			return err
		}
	}
}

// wantEOF says that the server has closed the socket, politely.
func wantEOF(t testing.TB, l *line) {
	t.Helper()
	if packet, err := l.read(); !errors.Is(err, io.EOF) {
		t.Errorf("got %x, %v; want the end", packet, err)
	}
}

// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
func TestAnUnknownKeyIsAnsweredWith404AndTheEnd(t *testing.T) {
	s := running(t, Config{})
	for name, h := range map[string]how{"intermediate": plain, "full": {kind: frame.Full}, "obfuscated": {frame.Abridged, true}} {
		l := tap(t, s.dial, 2, h)
		l.begin(mtproto.NewKey([256]byte{1}), 1)
		_, err := l.Invoke(t.Context(), bytesOf(&tg.HelpGetConfig{}))
		var refused *mtproto.TransportError
		if !errors.As(err, &refused) || refused.Code != -404 {
			t.Errorf("%s: got %v, want transport error -404", name, err)
		}
		wantEOF(t, l)
	}
}

func TestAVisitorWithAnotherProtocolIsTurnedAway(t *testing.T) {
	s := running(t, Config{})
	for hello, want := range map[string]string{
		"GET /apiws HTTP/1.1\r\nHost: x\r\n\r\n": "HTTP/1.1 501 Not Implemented",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc":   "",
		strings.Repeat("SSH-2.0-", 8):            "",
		"\xef\x00":                               "",
		"\xee\xee\xee\xee\xff\xff\xff\x7f":       "",
	} {
		conn, err := s.dial(1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, hello); err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(conn)
		if !strings.HasPrefix(string(b), want) || want == "" && len(b) > 0 {
			t.Errorf("%q: got %q, want %q", hello, b, want)
		}
		conn.Close()
	}
}

func TestAPacketTooShortForAKeyIsAnswered(t *testing.T) {
	s := running(t, Config{})
	l := tap(t, s.dial, 2, plain)
	if err := l.write([]byte{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	if packet, err := l.read(); err != nil || len(packet) != 4 || packet[0] != 0x6c { // -404
		t.Errorf("got %x, %v; want -404", packet, err)
	}
	wantEOF(t, l)
}

// https://core.telegram.org/mtproto/mtproto-transports#quick-ack
func TestAQuickAckIsQuick(t *testing.T) {
	s := running(t, Config{})
	l := connect(t, s, 2, plain)
	get(t, l, &tg.HelpGetConfig{})
	l.session.Send(time.Now(), bytesOf(&tg.HelpGetConfig{}))
	e, ok := l.session.Next()
	for ok && e.Kind != mtproto.Write {
		e, ok = l.session.Next()
	}
	framed, err := l.writer.Append(nil, e.Body)
	if err != nil {
		t.Fatal(err)
	}
	framed[3] |= 0x80
	if err := l.writeRaw(framed); err != nil {
		t.Fatal(err)
	}
	token := make([]byte, 4)
	if _, err := io.ReadFull(l.conn, token); err != nil || token[3]&0x80 == 0 {
		t.Errorf("got %x, %v; want a token with its top bit set", token, err)
	}
	if _, err := l.read(); err != nil {
		t.Errorf("after the token: %v", err)
	}
}

func TestTheAccountClockMovesAndTheProtocolsDoesNot(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	l := connect(t, s, 2, plain)
	hash := ask(t, l, ann)
	before := get(t, l, &tg.HelpGetConfig{}).Date
	s.FastForward(-time.Hour)
	s.FastForward(24 * time.Hour)
	wantRefusal(t, l, typeIn(ann, hash, codeX), 400, "PHONE_CODE_EXPIRED")
	if after := get(t, l, &tg.HelpGetConfig{}).Date; after < before+24*3600 {
		t.Errorf("got the date %d, want a day after %d", after, before)
	}
	signedIn(t, connect(t, s, 2, plain), ann)
}

// Seconds are counted in 32 bits, which do not reach far.
func TestTheAccountClockComesToAnEnd(t *testing.T) {
	s := running(t, Config{})
	for range 3 {
		s.FastForward(math.MaxInt64)
	}
	if ahead := time.Until(s.Clock()); ahead > MaxAhead || ahead < MaxAhead-time.Minute {
		t.Errorf("the clock is %v ahead, want %v", ahead, MaxAhead)
	}
	l := connect(t, s, 2, plain)
	if date := get(t, l, &tg.HelpGetConfig{}).Date; date < 0 {
		t.Errorf("got the date %d", date)
	}
	s.Close()
	if !s.Clock().IsZero() {
		t.Error("a closed server has a clock")
	}
}

func TestTheUsersOfAServer(t *testing.T) {
	s := running(t, Config{DCs: []int{2, 5}, Users: []User{{Phone: ann, FirstName: "Ann"}}})
	for _, u := range []User{
		{Phone: "x"}, {Phone: "+999 662 0001"}, {Phone: "+15550001111", DC: 1},
		{Phone: "+9996620009", DC: 5}, {Phone: "+15550001111", Hint: "h"},
		{Phone: "+15550001111", FirstName: strings.Repeat("n", 65)},
	} {
		if err := s.AddUser(u); err == nil {
			t.Errorf("%v: got no error", u)
		}
	}
	if err := s.AddUser(User{Phone: "+15550001111", Password: "p", Hint: "h", DC: 5}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddUser(User{Phone: "15550001111"}); !errors.Is(err, ErrUserExists) {
		t.Errorf("got %v, want ErrUserExists", err)
	}
	users := s.Users()
	if len(users) != 2 || users[0].FirstName != "Ann" || users[1].FirstName != "User 1111" || users[1].DC != 5 ||
		users[1].Hint != "h" || users[1].Password != "" || !users[1].HasPassword || users[0].HasPassword || users[0].ID == users[1].ID {
		t.Errorf("got %v", users)
	}
	if u, ok := s.User("1 555 000 1111"); !ok || !reflect.DeepEqual(u, users[1]) {
		t.Errorf("got %v, %t; want %v", u, ok, users[1])
	}
	for _, nobody := range []string{"", "x", "+15550002222"} {
		if u, ok := s.User(nobody); ok {
			t.Errorf("%q: got %v", nobody, u)
		}
	}
	l := connect(t, s, 5, plain)
	ask(t, l, "15550001111")
	ask(t, l, "15550002222")
	if all, one := s.Codes(""), s.Codes("+1 555 000 2222"); len(all) != 2 || len(one) != 1 || one[0] != all[1] || s.Codes("x") != nil {
		t.Errorf("got %v and %v", all, one)
	}
}

func TestAConfigIsCheckedBeforeAnythingIsStarted(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	busy := running(t, Config{DCs: []int{1}})
	port := int(busy.centres[0].addr.Port())
	for want, cfg := range map[string]Config{
		"at least one":           {DCs: []int{}},
		"different numbers":      {DCs: []int{1, 2, 1}},
		"from 1 to 999":          {DCs: []int{10002}},
		"below 65536":            {Port: 65534},
		"2048 bits":              {Key: small},
		"user 2: phone":          {Users: []User{{Phone: ann}, {Phone: ann}}},
		"is another emulator":    {DCs: []int{1}, Port: port},
		"listening address":      {Listener: func(string, string) (net.Listener, error) { return &nameless{}, nil }},
		"user 1: dc: got 2, wan": {Users: []User{{Phone: "9996610000", DC: 2}}},
	} {
		s, err := Start(cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if s != nil {
			s.Close()
		}
	}
}

// nameless is a listener without a usable address.
type nameless struct{ pipe }

func (*nameless) Close() error   { return nil }
func (*nameless) Addr() net.Addr { return &net.UnixAddr{Name: "x", Net: "unix"} }

func TestPortsMayBeChosen(t *testing.T) {
	free := running(t, Config{DCs: []int{1}})
	port := int(free.centres[0].addr.Port())
	free.Close()
	s, err := Start(Config{DCs: []int{3}, Port: port - 2})
	if err != nil {
		t.Skip("somebody else was quicker: ", err)
	}
	defer s.Close()
	if o, _ := s.Network().Endpoint(3); o.Addr != net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) {
		t.Errorf("got %s, want port %d", o.Addr, port)
	}
	if err := s.Network().Validate(); err != nil {
		t.Error(err)
	}
}

func TestClosingEndsEverything(t *testing.T) {
	s, err := Start(Config{Users: []User{{Phone: ann, Password: "p"}}})
	if err != nil {
		t.Fatal(err)
	}
	l := connect(t, s, 2, plain)
	ask(t, l, ann)
	tap(t, s.dial, 1, plain) // said hello and nothing more
	silent, err := s.dial(3) // said nothing
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	go func() { _, err := s.WaitCode(t.Context(), "+15550001111"); waiting <- err }()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waiting; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("a socket is still open")
	}
	if _, err := s.dial(1); err == nil {
		t.Error("a port is still open")
	}
	if err := s.AddUser(User{Phone: "+15550001111"}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if s.Codes("") != nil || s.Users() != nil {
		t.Error("a closed server answers")
	}
	s.FastForward(time.Hour)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, stack := range busy() {
		t.Errorf("a goroutine has outlived its server:\n%s", stack)
	}
}

// busy returns the stacks of all goroutines that are inside a method of this
// package. Counting goroutines would not do: one that has told that it is done
// may still be there, behind its last line.
func busy() (stacks []string) {
	b := make([]byte, 1<<20)
	for _, stack := range strings.Split(string(b[:runtime.Stack(b, true)]), "\n\n") {
		running, _, _ := strings.Cut(stack, "created by ")
		if strings.Contains(running, "telekey/emulator.(*") {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}

// In a bubble of fake time: a leak or a goroutine that waits for ever is an
// error by itself.
func TestWaitingForACode(t *testing.T) {
	if _, err := processKey(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var n pipes
		s := running(t, Config{Listener: n.listen, Users: []User{{Phone: ann}}})
		got := make(chan Code)
		go func() {
			c, err := s.WaitCode(t.Context(), ann)
			if err != nil {
				t.Error(err)
			}
			got <- c
		}()
		synctest.Wait()
		l := tap(t, n.dialer(s), 2, plain)
		l.agree(s, 2, 0)
		l.begin(l.exchange.Key, l.exchange.Salt)
		hash := ask(t, l, ann)
		c := <-got
		if c.Code != codeX || c.ID != 1 || !c.SentAt.Equal(time.Now()) || c.ExpiresAt.Sub(c.SentAt) != 5*time.Minute {
			t.Errorf("got %+v", c)
		}
		// Until it is typed in, it is the one to be had.
		if again, err := s.WaitCode(t.Context(), ann); err != nil || again != c {
			t.Errorf("got %+v, %v", again, err)
		}
		get(t, l, typeIn(ann, hash, c.Code))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if c, err := s.WaitCode(ctx, ann); err == nil || !strings.Contains(err.Error(), "no code was sent to +9996620001") {
			t.Errorf("got %+v, %v; want to have waited in vain", c, err)
		}
		if _, err := s.WaitCode(t.Context(), "x"); err == nil {
			t.Error("got no error for no number")
		}
		if _, err := s.WaitCodes(t.Context(), "x", 0); err == nil {
			t.Error("got no error for no number")
		}
		// What was sent was sent, whatever became of it.
		if all, err := s.WaitCodes(ended(t), ann, 0); err != nil || len(all) != 1 {
			t.Errorf("got %v, %v; want what is there without waiting", all, err)
		}
		for _, phone := range []string{"", ann} {
			if all, err := s.WaitCodes(t.Context(), phone, 0); err != nil || len(all) != 1 || all[0] != c {
				t.Errorf("got %v, %v; want the one code", all, err)
			}
		}
		go func() {
			all, err := s.WaitCodes(t.Context(), "", c.ID)
			if err != nil || len(all) != 1 || all[0].ID != c.ID+1 {
				t.Errorf("got %v, %v; want the second code", all, err)
			}
			got <- Code{}
		}()
		synctest.Wait()
		ask(t, l, "+9996620099")
		<-got
		synctest.Wait()
		if n := len(s.world.outbox.waiters); n != 0 {
			t.Errorf("got %d waiters left, want none", n)
		}
	})
}

// ended is a context that is over: whoever gets it does not wait.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestAVisitorWhoSaysNothingIsShownOut(t *testing.T) {
	if _, err := processKey(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var n pipes
		s := running(t, Config{Listener: n.listen})
		begin := time.Now()
		conn, err := n.dialer(s)(1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); err == nil || time.Since(begin) != patience {
			t.Errorf("got %v after %v, want the end after %v", err, time.Since(begin), patience)
		}
	})
}

// A client that sends and does not read must cost the others nothing.
func TestAClientThatDoesNotReadIsCutOff(t *testing.T) {
	if _, err := processKey(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var n pipes
		s := running(t, Config{Listener: n.listen, Users: []User{{Phone: ann}}})
		deaf := tap(t, n.dialer(s), 2, plain)
		deaf.agree(s, 2, 0)
		deaf.begin(deaf.exchange.Key, deaf.exchange.Salt)
		get(t, deaf, &tg.HelpGetConfig{})
		sent := 0
		for err := error(nil); err == nil && sent < 10*maxParcels; sent++ {
			deaf.session.Send(time.Now(), bytesOf(&tg.HelpGetConfig{}))
			for e, ok := deaf.session.Next(); ok; e, ok = deaf.session.Next() {
				if e.Kind == mtproto.Write {
					err = deaf.write(e.Body)
				}
			}
		}
		if sent < maxParcels || sent >= 10*maxParcels {
			t.Errorf("got cut off after %d calls, want some %d", sent, maxParcels)
		}
		good := tap(t, n.dialer(s), 2, plain)
		good.agree(s, 2, 0)
		good.begin(good.exchange.Key, good.exchange.Salt)
		signedIn(t, good, ann)
	})
}
