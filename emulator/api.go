package emulator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/strictjson"
)

// User is an account as the people who run a Server see it. It prints without
// the password.
type User struct {
	Phone     string // digits, with or without plus, spaces, dashes
	FirstName string // "": "User" and the last four digits
	LastName  string
	Password  string // for two-step verification; "": none
	Hint      string // shown to whoever is asked for the password
	DC        int    // home; 0: that of the test number, or else where the number first asks for a code

	// RecoveryEmail is where a forgotten Password is recovered; "": nowhere.
	RecoveryEmail string

	// LoginEmail is where codes go instead of to the phone; "": nowhere. Who
	// shows auth.signIn a token of Google or Apple for that address needs no
	// code. The tokens of an address are here: google:ann@example.com and
	// apple:ann@example.com.
	LoginEmail string
	Premium    bool // resets the login e-mail without waiting a week

	Banned bool // the number: auth.sendCode is refused with PHONE_NUMBER_BANNED

	Channels []Channel // see Server.SetChannels

	Frozen *Frozen // nil: it is not; see Server.SetFrozen

	// Set in what Server.Users returns, where Password is not.
	ID          int64
	HasPassword bool
}

// Format prints u without its password, under every verb.
func (u User) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "{%s %q %q password:%t dc:%d}", u.Phone, u.FirstName, u.LastName, u.Password != "" || u.HasPassword, u.DC)
}

// LogValue is u without its password.
func (u User) LogValue() slog.Value {
	return slog.GroupValue(slog.String("phone", u.Phone), slog.Int64("id", u.ID), slog.Int("dc", u.DC))
}

// userJSON is a User as JSON has it.
type userJSON struct {
	ID          int64  `json:"id,omitempty"`
	Phone       string `json:"phone"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	HasPassword bool   `json:"has_password"`
	Hint        string `json:"hint"`
	DC          int    `json:"dc"`

	RecoveryEmail string    `json:"recovery_email,omitempty"`
	LoginEmail    string    `json:"login_email,omitempty"`
	Premium       bool      `json:"premium,omitempty"`
	Banned        bool      `json:"banned,omitempty"`
	Channels      []Channel `json:"channels,omitempty"`
	Frozen        *Frozen   `json:"frozen,omitempty"`
}

// MarshalJSON writes u without its password.
func (u User) MarshalJSON() ([]byte, error) {
	return json.Marshal(userJSON{
		ID: u.ID, Phone: u.Phone, FirstName: u.FirstName, LastName: u.LastName,
		HasPassword: u.Password != "" || u.HasPassword, Hint: u.Hint, DC: u.DC,
		RecoveryEmail: u.RecoveryEmail, LoginEmail: u.LoginEmail, Premium: u.Premium, Banned: u.Banned, Channels: u.Channels,
		Frozen: u.Frozen,
	})
}

// UnmarshalJSON reads phone, first_name, last_name, password, hint, dc,
// recovery_email, login_email, premium, banned, channels and frozen. Other
// fields are an error. What the fields say is checked when the user is added.
func (u *User) UnmarshalJSON(data []byte) error {
	var j struct {
		Phone     string `json:"phone"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Password  string `json:"password"`
		Hint      string `json:"hint"`
		DC        int    `json:"dc"`

		RecoveryEmail string    `json:"recovery_email"`
		LoginEmail    string    `json:"login_email"`
		Premium       bool      `json:"premium"`
		Banned        bool      `json:"banned"`
		Channels      []Channel `json:"channels"`
		Frozen        *Frozen   `json:"frozen"`
	}
	if err := strictjson.Read(data, &j); err != nil {
		return err
	}
	*u = User{
		Phone: j.Phone, FirstName: j.FirstName, LastName: j.LastName, Password: j.Password, Hint: j.Hint, DC: j.DC,
		RecoveryEmail: j.RecoveryEmail, LoginEmail: j.LoginEmail, Premium: j.Premium, Banned: j.Banned, Channels: j.Channels,
		Frozen: j.Frozen,
	}
	return nil
}

// ErrUserExists says that there is an account of that number already.
var ErrUserExists = errors.New("there is an account of that number already")

// AddUser makes an account. Errors name the field that is wrong.
func (s *Server) AddUser(u User) error {
	var wrong error
	if err := s.ask(func(time.Time) { wrong = s.addUser(u) }); err != nil {
		return err
	}
	if wrong != nil {
		return fmt.Errorf("emulator: %w", wrong)
	}
	return nil
}

// addUser is AddUser, for the owner.
func (s *Server) addUser(u User) error {
	phone, err := u.check(s.cfg.DCs)
	if err != nil {
		return err
	}
	w := s.world
	if w.accounts.byPhone[phone] != nil {
		return fmt.Errorf("phone: got %v: %w", phone, ErrUserExists)
	}
	if u.FirstName == "" {
		u.FirstName = "User " + string(phone[len(phone)-4:])
	}
	if u.Channels != nil {
		if err := w.setWays(phone, u.Channels); err != nil {
			return err
		}
	}
	a := w.addAccount(phone, u.FirstName, u.LastName, u.DC)
	a.frozen, _ = u.Frozen.complete(w.accountTime(time.Now())) // which was checked
	if u.Password != "" {
		a.password = newPassword(w.newGroup(), u.Password, u.Hint)
		a.password.email, _ = parseEmail(u.RecoveryEmail)
	}
	a.loginEmail, _ = parseEmail(u.LoginEmail)
	a.premium, a.banned = u.Premium, u.Banned
	return nil
}

// check says what is wrong with a user, field by field.
func (u *User) check(centres []int) (phoneNumber, error) {
	phone, ok := parsePhone(u.Phone)
	switch {
	case !ok:
		return "", fmt.Errorf("phone: got %q, want %d to %d digits", u.Phone, minDigits, maxDigits)
	case u.DC != 0 && !slices.Contains(centres, u.DC):
		return "", fmt.Errorf("dc: got %d, want one of %v", u.DC, centres)
	case !isName(u.FirstName):
		return "", fmt.Errorf("first_name: got more than %d characters", maxName)
	case !isName(u.LastName):
		return "", fmt.Errorf("last_name: got more than %d characters", maxName)
	case u.Hint != "" && u.Password == "":
		return "", fmt.Errorf("hint: got one without a password")
	}
	if err := u.checkAccess(); err != nil {
		return "", err
	}
	if _, err := u.Frozen.complete(time.Now()); err != nil {
		return "", err
	}
	if x := phone.testCentre(); u.DC != 0 && x != 0 && x != u.DC && slices.Contains(centres, x) {
		return "", fmt.Errorf("dc: got %d, want %d: the test number %v is at home there", u.DC, x, phone)
	}
	return phone, nil
}

// Users returns all accounts, in the order in which they were made.
func (s *Server) Users() []User {
	var users []User
	_ = s.ask(func(time.Time) {
		for _, a := range s.world.accounts.order {
			if a.bot == nil {
				users = append(users, s.world.profile(a))
			}
		}
	})
	return users
}

// User returns the account of a number, and whether there is one.
func (s *Server) User(phone string) (u User, ok bool) {
	number, _ := parsePhone(phone)
	_ = s.ask(func(time.Time) {
		if a := s.world.accounts.byPhone[number]; a != nil {
			u, ok = s.world.profile(a), true
		}
	})
	return u, ok
}

// profile is an account as the people who run the Server see it.
func (w *world) profile(a *account) User {
	u := User{
		Phone: a.phone.String(), FirstName: a.firstName, LastName: a.lastName, DC: a.home, ID: a.id,
		LoginEmail: string(a.loginEmail), Premium: a.premium, Banned: a.banned, Channels: slices.Clone(w.ways[a.phone]),
		Frozen: a.frozen,
	}
	if a.password != nil {
		u.HasPassword, u.Hint, u.RecoveryEmail = true, a.password.hint, string(a.password.email)
	}
	return u
}

// Codes returns the codes sent to a phone, oldest first; of all phones for "".
// The last thousand are remembered.
func (s *Server) Codes(phone string) []Code {
	var codes []Code
	number, ok := parsePhone(phone)
	if !ok && phone != "" {
		return nil
	}
	if ok {
		phone = number.String()
	}
	_ = s.ask(func(time.Time) { codes = s.world.outbox.after(phone, 0) })
	return codes
}

// WaitCode returns the newest code of a phone that can still be typed in, and
// waits for one if there is none. Typed in, cancelled, expired or replaced codes
// are passed over: a test may call WaitCode after each sign-in's auth.sendCode.
func (s *Server) WaitCode(ctx context.Context, phone string) (Code, error) {
	number, ok := parsePhone(phone)
	if !ok {
		return Code{}, fmt.Errorf("emulator: wait for a code: phone: got %q, want %d to %d digits", phone, minDigits, maxDigits)
	}
	return s.await(ctx, number.String(), s.usableCode)
}

// WaitCodes returns the codes sent to a phone (all phones for "") after the one
// whose ID is after, whatever became of them, and waits for one if there is
// none: with the last ID each time, nothing is missed.
func (s *Server) WaitCodes(ctx context.Context, phone string, after int) ([]Code, error) {
	number, ok := parsePhone(phone)
	if !ok && phone != "" {
		return nil, fmt.Errorf("emulator: wait for codes: phone: got %q, want %d to %d digits", phone, minDigits, maxDigits)
	}
	if ok {
		phone = number.String()
	}
	_, err := s.await(ctx, phone, func(_ time.Time, phone string) (Code, bool) {
		codes := s.world.outbox.after(phone, after)
		if len(codes) == 0 {
			return Code{}, false
		}
		return codes[0], true
	})
	if err != nil {
		return nil, err
	}
	var codes []Code
	err = s.ask(func(time.Time) { codes = s.world.outbox.after(phone, after) })
	return codes, err
}

// await returns the code that is there, or the next one that is sent to phone.
// The owner calls there.
func (s *Server) await(ctx context.Context, phone string, there func(now time.Time, phone string) (Code, bool)) (Code, error) {
	wait := &waiter{phone: phone, got: make(chan Code, 1)}
	outbox := &s.world.outbox
	err := s.ask(func(now time.Time) {
		if c, ok := there(now, phone); ok {
			wait.got <- c
		} else {
			outbox.waiters = append(outbox.waiters, wait)
		}
	})
	if err != nil {
		return Code{}, err
	}
	select {
	case c := <-wait.got:
		return c, nil
	case <-s.closing:
		return Code{}, ErrClosed
	case <-ctx.Done():
		select {
		case c := <-wait.got: // it was there, or came at the last moment
			return c, nil
		default:
		}
		s.tell(func(time.Time) { outbox.waiters = without(outbox.waiters, wait) })
		return Code{}, fmt.Errorf("emulator: no code was sent to %s: %w", cmp.Or(phone, "anyone"), ctx.Err())
	}
}

// usableCode returns the newest code of a phone that can be typed in.
func (s *Server) usableCode(now time.Time, phone string) (newest Code, ok bool) {
	now = s.world.accountTime(now)
	consider := func(c Code, lost bool) {
		if c.Phone == phone && !lost && c.ID > newest.ID {
			newest, ok = c, true
		}
	}
	var mails []*mailCode
	for _, centre := range s.centres {
		for _, k := range centre.keys {
			mails = append(mails, k.mailCodes()...)
			for _, r := range k.requests {
				mails = append(mails, r.setup)
				if r.state == codeSent && r.open(now) {
					consider(r.sent, r.lost)
				}
			}
		}
	}
	if a := s.world.accounts.byPhone[phoneNumber(phone[1:])]; a != nil && a.change != nil {
		mails = append(mails, a.change.code)
	}
	for _, m := range mails {
		if m.open(now) {
			consider(m.sent, m.lost)
		}
	}
	return newest, ok
}

// FastForward moves the account clock: codes expire, timers run out, sessions
// that nobody used end, as if d had passed. The protocol's clock stays. A
// negative d is ignored: time does not run backwards. Altogether the clock goes
// at most [MaxAhead] before the real one; what exceeds that is ignored, too.
func (s *Server) FastForward(d time.Duration) {
	_ = s.ask(func(now time.Time) {
		w := s.world
		w.ahead += min(max(d, 0), MaxAhead-w.ahead)
		for _, a := range w.accounts.order {
			w.passTime(w.accountTime(now), a)
		}
		s.deliver(now)
	})
}

// MaxAhead is how far the account clock may be moved. The API counts seconds in
// 32 bits, which end in the year 2038.
const MaxAhead = 8 * 365 * 24 * time.Hour

// Clock returns what the account clock shows; the zero time if the Server is
// closed.
func (s *Server) Clock() (now time.Time) {
	_ = s.ask(func(t time.Time) { now = s.world.accountTime(t) })
	return now
}
