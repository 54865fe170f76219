package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/input"
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

	// RichMessages has Telegram write to the account in rich messages, login codes
	// among them: message is empty, and rich_message has the text. Clients of
	// layers before 227 get plain messages.
	RichMessages bool

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
	RichMessages  bool      `json:"rich_messages,omitempty"`
}

// MarshalJSON writes u without its password.
func (u User) MarshalJSON() ([]byte, error) {
	return json.Marshal(userJSON{
		ID: u.ID, Phone: u.Phone, FirstName: u.FirstName, LastName: u.LastName,
		HasPassword: u.Password != "" || u.HasPassword, Hint: u.Hint, DC: u.DC,
		RecoveryEmail: u.RecoveryEmail, LoginEmail: u.LoginEmail, Premium: u.Premium, Banned: u.Banned, Channels: u.Channels,
		Frozen: u.Frozen, RichMessages: u.RichMessages,
	})
}

// UnmarshalJSON reads phone, first_name, last_name, password, hint, dc,
// recovery_email, login_email, premium, banned, channels, frozen and
// rich_messages. Other fields are an error. What the fields say is checked when the user is added.
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
		RichMessages  bool      `json:"rich_messages"`
	}
	if err := strictjson.Read(data, &j); err != nil {
		return err
	}
	*u = User{
		Phone: j.Phone, FirstName: j.FirstName, LastName: j.LastName, Password: j.Password, Hint: j.Hint, DC: j.DC,
		RecoveryEmail: j.RecoveryEmail, LoginEmail: j.LoginEmail, Premium: j.Premium, Banned: j.Banned, Channels: j.Channels,
		Frozen: j.Frozen, RichMessages: j.RichMessages,
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
	switch {
	case w.accounts.byPhone[phone] != nil:
		return fmt.Errorf("phone: got %v: %w", phone, ErrUserExists)
	case len(w.accounts.order) >= maxAccounts:
		return fmt.Errorf("users: got one more than %d accounts", maxAccounts)
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
	a.premium, a.banned, a.rich = u.Premium, u.Banned, u.RichMessages
	return nil
}

// check says what is wrong with a user, field by field.
func (u *User) check(centres []int) (phoneNumber, error) {
	phone, err := checkPhone(u.Phone)
	switch {
	case err != nil:
		return "", err
	case u.DC != 0 && !slices.Contains(centres, u.DC):
		return "", fmt.Errorf("dc: got %d, want one of %v", u.DC, centres)
	case u.FirstName != "" && input.NameIsBlank(u.FirstName):
		return "", errors.New("first_name: got only characters that do not show, want a name that shows, or none")
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
	number, _ := checkPhone(phone)
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
		LoginEmail: string(a.loginEmail), Premium: a.premium, Banned: a.banned, RichMessages: a.rich, Channels: slices.Clone(w.ways[a.phone]),
	}
	if a.frozen != nil {
		u.Frozen = new(*a.frozen)
	}
	if a.password != nil {
		u.HasPassword, u.Hint, u.RecoveryEmail = true, a.password.hint, string(a.password.email)
	}
	return u
}

// checkAccess says what is wrong with how a user gets in, field by field.
func (u *User) checkAccess() error {
	if err := checkEmail("recovery_email", u.RecoveryEmail); err != nil {
		return err
	}
	if u.RecoveryEmail != "" && u.Password == "" {
		return errors.New("recovery_email: got one without a password")
	}
	if err := checkEmail("login_email", u.LoginEmail); err != nil {
		return err
	}
	return checkWays(u.Channels)
}

// withAccount does something to the account of a number.
func (s *Server) withAccount(phone, what string, f func(now time.Time, a *account) error) error {
	number, err := checkPhone(phone)
	if err != nil {
		return fmt.Errorf("emulator: %s: %w", what, err)
	}
	var wrong error
	err = s.ask(func(now time.Time) {
		if a := s.world.accounts.byPhone[number]; a != nil {
			wrong = f(now, a)
		} else {
			wrong = fmt.Errorf("phone: got %v: %w", number, ErrNoUser)
		}
	})
	if err == nil && wrong != nil {
		err = fmt.Errorf("emulator: %s: %w", what, wrong)
	}
	return err
}

// ErrNoUser says that there is no account of that number.
var ErrNoUser = errors.New("there is no account of that number")
