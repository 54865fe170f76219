package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/layers"
)

// Channel is the way on which a code goes out.
type Channel string

// The channels of this server. No message leaves it: codes are shown in the
// log, returned by [Server.Codes], and those of the channel App also written to
// the account by Telegram itself (user 777000).
//
// Two of them are no way for a code, but stand before one: a number with Payment
// is asked to pay, one with EmailSetup to name a mailbox.
// https://core.telegram.org/type/auth.SentCodeType
const (
	App        Channel = "app"         // to the devices on which the account is signed in
	SMS        Channel = "sms"         // a text message
	Call       Channel = "call"        // a voice says it
	FlashCall  Channel = "flash_call"  // the number that calls is the code
	MissedCall Channel = "missed_call" // the last digits of the number that calls are
	Fragment   Channel = "fragment"    // shown to the owner of an anonymous number
	Firebase   Channel = "firebase"    // a text message, once the application has proven what it is
	Word       Channel = "sms_word"    // a text message with a word
	Phrase     Channel = "sms_phrase"  // a text message with a few words
	Email      Channel = "email"       // a mail, to the address that the Code names

	Payment    Channel = "payment"     // then go on: see [Server.Pay]
	EmailSetup Channel = "email_setup" // then go on, by Email if nothing else is named; only where there is no login e-mail yet
)

var channels = []Channel{
	App, SMS, Call, FlashCall, MissedCall, Fragment, Firebase, Word, Phrase, Email, Payment, EmailSetup,
}

// Valid says whether c is one of the channels.
func (c Channel) Valid() bool { return slices.Contains(channels, c) }

// maxWays bounds the channels of a number.
const maxWays = 10

// CheckChannels says what is wrong with the channels of a number, if anything.
func CheckChannels(channels ...Channel) error { return checkWays(channels) }

// checkWays checks the channels of a number. What a client cannot be told to be
// next can only be first.
// https://core.telegram.org/type/auth.CodeType
func checkWays(ways []Channel) error {
	if len(ways) > maxWays {
		return fmt.Errorf("channels: got %d, want at most %d", len(ways), maxWays)
	}
	for i, c := range ways {
		first := i == 0 || i == 1 && ways[0] == Payment || c == Email && ways[i-1] == EmailSetup
		switch {
		case !c.Valid():
			return fmt.Errorf("channels: got %q, want some of %s", cut(string(c)), listOf(channels))
		case slices.Contains(ways[:i], c):
			return fmt.Errorf("channels: got %s twice", c)
		case c == Payment && i != 0, (c == App || c == Email || c == EmailSetup) && !first:
			return fmt.Errorf("channels: got %s behind %s, want it first: no client can be told that it comes next", c, ways[i-1])
		}
	}
	return nil
}

func listOf(names []Channel) string {
	words := make([]string, len(names))
	for i, c := range names {
		words[i] = string(c)
	}
	return strings.Join(words, ", ")
}

// SetChannels names the ways in which codes go to a number, in order: the first
// for auth.sendCode, each next one for auth.resendCode. They are taken whatever
// a client says it can do; but what its layer of the API does not know is passed
// over or replaced by SMS. With none it is App where the account is signed in,
// Email where there is a login e-mail, or else SMS; and SMS and Call behind.
//
// The number need not have an account. Errors name what is wrong.
func (s *Server) SetChannels(phone string, channels ...Channel) error {
	number, err := checkPhone(phone)
	if err == nil {
		err = checkWays(channels)
	}
	if closed := s.ask(func(time.Time) {
		if err == nil {
			err = s.world.setWays(number, channels)
		}
	}); closed != nil {
		return closed
	}
	if err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	return nil
}

// setWays remembers the channels of a number; none: the usual ones.
func (w *world) setWays(phone phoneNumber, ways []Channel) error {
	if len(ways) == 0 {
		delete(w.ways, phone)
		return nil
	}
	if len(w.ways) >= maxAccounts && w.ways[phone] == nil {
		return fmt.Errorf("channels: got those of one more than %d numbers", maxAccounts)
	}
	w.ways[phone] = slices.Clone(ways)
	return nil
}

// waysTo returns the ways in which codes go to a number when k asks.
func (w *world) waysTo(k *authKey, phone phoneNumber) (ways []Channel) {
	a := w.accounts.byPhone[phone]
	wanted := w.ways[phone]
	if wanted == nil {
		wanted = a.usualWays(k)
	}
	for _, c := range wanted {
		if c == Email && slices.Contains(ways, EmailSetup) {
			ways = append(ways, Email) // there will be one
		} else if c = instead(c, a, k.layer); c != "" && !slices.Contains(ways, c) {
			ways = append(ways, c)
		}
	}
	if len(ways) == 0 {
		ways = []Channel{SMS}
	}
	return ways
}

// usualWays are those of an account for which nobody has named any; a may be nil.
// A code by mail has none behind it: who has lost the mailbox resets it.
// https://core.telegram.org/api/auth#email-verification
func (a *account) usualWays(k *authKey) []Channel {
	switch {
	case a != nil && a.hasOtherLogin(k):
		return []Channel{App, SMS, Call}
	case a != nil && a.loginEmail != "":
		return []Channel{Email}
	}
	return []Channel{SMS, Call}
}

// instead is the channel that is taken when c is wanted: c, or what comes
// nearest to it for this account and in this layer; "" if nothing does.
//
// What a client's layer does not know it cannot read: it is never sent.
// https://core.telegram.org/api/layers
func instead(c Channel, a *account, layer int) Channel {
	hasEmail := a != nil && a.loginEmail != ""
	switch {
	case c == Email && !hasEmail:
		return ""
	case c == EmailSetup && hasEmail:
		return Email
	case c == Word && !knows(layer, "auth.sentCodeTypeSmsWord"), c == Phrase && !knows(layer, "auth.sentCodeTypeSmsPhrase"):
		return SMS
	case c == Payment && !knows(layer, "auth.sentCodePaymentRequired"):
		return ""
	}
	return c
}

// knows says whether a client of a layer knows a constructor. One that never
// named its layer is taken to speak the newest.
func knows(layer int, name string) bool { return layer == 0 || layers.Known(layer, name) }
