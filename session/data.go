package session

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/telekey/telekey/dc"
)

// Limits of a session. They are far above Telegram's values, and keep a broken or
// hostile file from filling the memory.
const (
	MaxSize   = 1 << 20 // bytes of a session in its stored form
	MaxTokens = 20      // Telegram reads no more
	maxToken  = 4096    // bytes of one token
	maxKeys   = 100
	maxDC     = 9999 // 10000 and more mark test data centres on the wire, and only there
	maxField  = 4096 // bytes of one text about the user
)

// Data is the state kept between runs. The zero value is a session without a
// network.
type Data struct {
	Network dc.Network  // the only network on which the keys are valid; see Bind
	Home    int         // the data centre that the account lives in; zero: not known yet
	Keys    map[int]Key // by data centre
	User    *User       // the user signed in; nil: none
	Pending *Pending    // the sign-in that waits for its password; nil: none is known
	Tokens  []Token     // at most MaxTokens, the newest last; see AddToken

	// LoggedOut is the time when this program logged the last user out; zero: it
	// did not, or a user has signed in since.
	LoggedOut time.Time

	// Ended is Telegram's reason for ending the last user's login, such as
	// SESSION_EXPIRED. Telegram gives the reason once, and later reports only that
	// the key has no user. Empty: no reason, or a user has signed in since.
	Ended string
}

// ErrKeyUnknown says that a data centre does not know a session's key, and has said
// so under encryption: the key was destroyed there, or the session was made by an
// emulator that is gone. The session is kept; delete it to begin anew.
var ErrKeyUnknown = errors.New("the server does not know this session's key")

// Key is the state kept for one data centre.
type Key struct {
	Auth AuthKey

	// Salt is the newest server salt known for this key. An old one costs one
	// round trip: the server answers with the right one.
	// https://core.telegram.org/mtproto/description#server-salt
	Salt int64

	Offset   time.Duration // the server's clock minus ours
	SignedIn bool          // whether this data centre regards the key as the user's
}

// User describes the account without a request to the server.
type User struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Phone     string `json:"phone,omitempty"` // as Telegram writes it: digits, no plus
	Bot       bool   `json:"bot,omitempty"`
}

// Pending is a sign-in that has reached the password.
type Pending struct {
	Way   string `json:"way"`             // how it began: phone, qr, passkey
	Phone string `json:"phone,omitempty"` // of the account: digits, no plus; empty: not known
}

// ErrOtherNetwork says that a session was made on another network than the one
// asked for.
var ErrOtherNetwork = errors.New("this session belongs to another network")

// Bind ties the session to a network. A session without one takes it; one that
// has the same network already takes its addresses, which may have changed, and
// keeps its public keys; any other network is refused with ErrOtherNetwork,
// because a key made by a local emulator must never be sent to Telegram, nor the
// reverse. An invalid network is refused as well.
func (d *Data) Bind(n dc.Network) error {
	if err := n.Validate(); err != nil {
		return fmt.Errorf("cannot tie the session to this network: %w", err)
	}
	switch {
	case d.Network.IsZero() && len(d.Keys) > 0:
		return fmt.Errorf("%w: it has keys and does not say which network made them: use another session", ErrOtherNetwork)
	case !d.Network.IsZero() && d.Network.Identity() != n.Identity():
		return fmt.Errorf("%w: it was made on %s, asked for %s: use the network it was made on, or another session",
			ErrOtherNetwork, named(d.Network), named(n))
	}
	known := d.Network.Keys
	d.Network = cloneNetwork(n)
	if len(known) > 0 {
		d.Network.Keys = known
	}
	return nil
}

// AddToken remembers a future auth token as the newest and drops the oldest
// beyond MaxTokens. An empty token is ignored.
func (d *Data) AddToken(t Token) {
	if t.IsZero() {
		return
	}
	d.Tokens = slices.DeleteFunc(d.Tokens, t.Equal)
	d.Tokens = append(d.Tokens, t.Clone())
	d.Tokens = slices.Delete(d.Tokens, 0, max(0, len(d.Tokens)-MaxTokens))
}

// Clone returns a copy that shares no mutable data with d.
func (d Data) Clone() Data {
	d.Network = cloneNetwork(d.Network)
	d.Keys = maps.Clone(d.Keys)
	for id, key := range d.Keys {
		key.Auth = AuthKey{key.Auth.bytes.Clone()}
		d.Keys[id] = key
	}
	if d.User != nil {
		d.User = new(*d.User)
	}
	if d.Pending != nil {
		d.Pending = new(*d.Pending)
	}
	d.Tokens = slices.Clone(d.Tokens)
	for i, t := range d.Tokens {
		d.Tokens[i] = t.Clone()
	}
	return d
}

// Wipe overwrites the keys and tokens of this copy and empties it.
func (d *Data) Wipe() {
	for id, key := range d.Keys {
		key.Auth.bytes.Wipe()
		d.Keys[id] = Key{}
	}
	for _, t := range d.Tokens {
		t.Wipe()
	}
	*d = Data{}
}

// String summarises the session without its secrets, names or numbers.
func (d Data) String() string {
	user := "nobody"
	if d.User != nil {
		user = fmt.Sprint("user ", d.User.ID)
	}
	return fmt.Sprintf("session(%s, home %d, keys for %v, %s, %d tokens)",
		named(d.Network), d.Home, slices.Sorted(maps.Keys(d.Keys)), user, len(d.Tokens))
}

// LogValue returns the text of String.
func (d Data) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalJSON returns an error, so that a session neither leaks into a log nor is
// stored without its keys: use [Marshal].
func (d Data) MarshalJSON() ([]byte, error) { return nil, errRedacted }

// UnmarshalJSON returns an error: use [Unmarshal].
func (d *Data) UnmarshalJSON([]byte) error { return errRedacted }

// note merges a State. A salt belongs to a key and is useless without it.
func (d *Data) note(s State) {
	key, ok := d.Keys[s.DC]
	if !ok {
		return
	}
	if s.Salt != 0 {
		key.Salt = s.Salt
	}
	key.Offset = s.Offset
	d.Keys[s.DC] = key
}

// check returns the place and the description of the first fault in the data.
func (d Data) check() (place, problem string) {
	if err := d.Network.Validate(); err != nil && !d.Network.IsZero() {
		return "network", err.Error()
	}
	if d.Home < 0 || d.Home > maxDC {
		return "home", fmt.Sprintf("got data centre %d, want 1 to %d, or 0 for none yet", d.Home, maxDC)
	}
	if len(d.Keys) > maxKeys {
		return "keys", fmt.Sprintf("got %d, want at most %d", len(d.Keys), maxKeys)
	}
	for id, key := range d.Keys {
		if id < 1 || id > maxDC {
			return "keys", fmt.Sprintf("got data centre %d, want 1 to %d", id, maxDC)
		}
		if key.Auth.IsZero() {
			return fmt.Sprintf("keys.%d", id), "the key is all zeros: leave it out instead"
		}
	}
	if len(d.Tokens) > MaxTokens {
		return "tokens", fmt.Sprintf("got %d, want at most %d: add them with AddToken", len(d.Tokens), MaxTokens)
	}
	for i, t := range d.Tokens {
		if t.Len() < 1 || t.Len() > maxToken {
			return fmt.Sprintf("tokens.%d", i), fmt.Sprintf("got %d bytes, want 1 to %d", t.Len(), maxToken)
		}
	}
	if p := d.Pending; p != nil && max(len(p.Way), len(p.Phone)) > maxField {
		return "pending", fmt.Sprintf("got a text of %d bytes, want at most %d", max(len(p.Way), len(p.Phone)), maxField)
	}
	if len(d.Ended) > maxField {
		return "ended", fmt.Sprintf("got %d bytes, want at most %d", len(d.Ended), maxField)
	}
	return d.User.check()
}

func (u *User) check() (place, problem string) {
	if u == nil {
		return "", ""
	}
	if u.ID <= 0 {
		return "user.id", fmt.Sprintf("got %d, want a positive number, or no user", u.ID)
	}
	if longest := max(len(u.FirstName), len(u.LastName), len(u.Username), len(u.Phone)); longest > maxField {
		return "user", fmt.Sprintf("got a text of %d bytes, want at most %d", longest, maxField)
	}
	return "", ""
}

// named returns a network's name and the identity that Bind compares.
func named(n dc.Network) string {
	id := n.Identity()
	switch {
	case n.IsZero():
		return "no network"
	case n.Name == "" || n.Name == id:
		return fmt.Sprintf("network %q", id)
	}
	return fmt.Sprintf("network %q (%s)", n.Name, id)
}

// cloneNetwork copies the lists; the public keys in them are never changed.
func cloneNetwork(n dc.Network) dc.Network {
	n.DCs = slices.Clone(n.DCs)
	n.Keys = slices.Clone(n.Keys)
	return n
}
