package telekey

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/transport"
)

// Config says what to connect to, and as what. The zero value of each field is
// right for most programs; AppID and AppHash must be set for Telegram's own
// networks.
type Config struct {
	// AppID and AppHash name the program to Telegram: https://my.telegram.org.
	// On a local network any will do, also none.
	AppID   int
	AppHash string

	// Network is where to connect. Zero: the network that the session was made
	// on; for a new session, Telegram's production network.
	Network dc.Network

	// Session remembers the keys. Zero: memory only, so that every run is a new
	// login; on Telegram's own networks the log gets a warning about that.
	Session session.Store

	// Dialer brings packets to a data centre. Zero: transport.TCP{}.
	Dialer transport.Dialer

	// Device is what the account's list of devices shows.
	Device Device

	// MaxFlood is the longest FLOOD_WAIT that a call waits for by itself.
	// Zero: one minute. Negative: none. The option MaxFlood and auth.Flow's
	// MaxFlood mean the same by the same values.
	MaxFlood time.Duration

	// PFS encrypts everything with temporary keys, one for each data centre, which
	// live for a day and in memory only: who comes into possession of the session
	// later cannot read what was sent before (perfect forward secrecy). The
	// session's own key vouches for them. A temporary key costs three round trips
	// and binding it one more, on every run and once a day. Where the server loses
	// one, which it says without encryption, calls that were sent on it end with
	// [ErrOutcomeUnknown], unless they are [Repeatable].
	// https://core.telegram.org/api/pfs
	PFS bool

	// OnState is told when a connection comes and goes. It must not block.
	OnState func(State)

	// Log gets what happens on the wire, without secrets. Zero: silent.
	Log *slog.Logger
}

// Format prints what cfg connects to, and no AppHash, whatever the verb.
func (cfg Config) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "telekey.Config(app %d, network %q)", cfg.AppID, cfg.Network.Name)
}

// LogValue is what Format prints.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(cfg)) }

// MarshalText is what Format prints, for JSON in logs.
func (cfg Config) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(cfg)), nil }

// Device is how this program presents itself. What is empty is filled in
// truthfully: the Go system it runs on, and telekey as the program.
type Device struct {
	Model      string // "PC 64bit"
	System     string // "Debian 13"
	AppVersion string // "1.0"
	Language   string // "en": an ISO 639-1 code
}

// State is a change of one connection.
type State struct {
	DC   int
	Kind StateKind
	Err  error // why it is Down
}

// StateKind says what became of a connection.
type StateKind int

// The kinds of State.
const (
	Connecting StateKind = iota // dialling, perhaps exchanging keys
	Up                          // calls go out
	Down                        // dialled again if there is something to do
)

// String names the kind.
func (k StateKind) String() string {
	return [...]string{"connecting", "up", "down"}[k]
}

// localAppID and localAppHash are used on local networks when none are given.
const (
	localAppID   = 12345
	localAppHash = "0123456789abcdef0123456789abcdef"
)

// filled returns cfg with its zero fields replaced, for a session that holds
// data. It does not change the session.
func (cfg Config) filled(data session.Data) (Config, error) {
	if len(cfg.Network.DCs) == 0 {
		cfg.Network = data.Network
	}
	if len(cfg.Network.DCs) == 0 {
		cfg.Network = dc.Production()
	}
	if err := cfg.Network.Validate(); err != nil {
		return cfg, fmt.Errorf("config: network: %w", err)
	}
	if cfg.AppID == 0 && cfg.AppHash == "" && !cfg.Network.IsTelegram() {
		cfg.AppID, cfg.AppHash = localAppID, localAppHash
	}
	cfg.AppHash = input.Trim(cfg.AppHash)
	if cfg.AppID == 0 || cfg.AppHash == "" {
		return cfg, errors.New("config: AppID and AppHash are missing: get them at https://my.telegram.org, or use a local network")
	}
	if err := input.CheckAppID(int64(cfg.AppID)); err != nil {
		return cfg, fmt.Errorf("config: AppID: %w", err)
	}
	if cfg.Dialer == nil {
		cfg.Dialer = transport.TCP{}
	}
	cfg.MaxFlood = longestFlood(cfg.MaxFlood)
	if cfg.OnState == nil {
		cfg.OnState = func(State) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Device = cfg.Device.filled()
	return cfg, nil
}

// filled returns d with a truthful value in each empty field: Telegram refuses
// empty ones.
func (d Device) filled() Device {
	for field, value := range map[*string]string{
		&d.Model: runtime.GOARCH, &d.System: runtime.GOOS, &d.AppVersion: "telekey", &d.Language: "en",
	} {
		if *field == "" {
			*field = value
		}
	}
	return d
}
