package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/strictjson"
	"github.com/telekey/telekey/tg"
)

// Frozen is what Telegram has done to an account that broke its rules: its owner
// can read and little else. Other calls are refused with 420
// FROZEN_METHOD_INVALID, and help.getAppConfig says what is said here.
// https://core.telegram.org/api/auth#frozen-accounts
type Frozen struct {
	Since     time.Time `json:"since"`      // zero: when the Server is told
	Until     time.Time `json:"until"`      // when the account is deleted, by the account clock; zero: a year after Since
	AppealURL string    `json:"appeal_url"` // where its owner may protest; "": at a bot
}

const (
	frozenTime   = 365 * 24 * time.Hour
	appealURL    = "https://t.me/SpamBot"
	maxAppealURL = 256
)

var (
	frozenMethodInvalid      = &refusal{420, string(tg.ErrFrozenMethodInvalid)}
	frozenParticipantMissing = badRequest(tg.ErrFrozenParticipantMissing)
)

// UnmarshalJSON reads since, until and appeal_url. Other fields are an error.
func (f *Frozen) UnmarshalJSON(data []byte) error {
	type fields Frozen // without its methods
	if err := strictjson.Read(data, (*fields)(f)); err != nil {
		return fmt.Errorf("frozen: %w", err)
	}
	return nil
}

// complete checks f, nil for an account that is not frozen, and returns it with
// what was left out.
func (f *Frozen) complete(now time.Time) (*Frozen, error) {
	if f == nil {
		return nil, nil
	}
	full := *f
	if full.Since.IsZero() {
		full.Since = now
	}
	if full.Until.IsZero() {
		full.Until = full.Since.Add(frozenTime)
	}
	full.AppealURL = cmp.Or(full.AppealURL, appealURL)
	u, err := url.Parse(full.AppealURL)
	switch {
	case full.Since.Unix() < 0 || full.Until.Unix() > 1<<31-1:
		return nil, errors.New("frozen: since, until: want times from 1970 to 2038")
	case !full.Until.After(full.Since):
		return nil, errors.New("frozen: until: want a time after since")
	case err != nil || u.Scheme != "https" && u.Scheme != "tg" || len(full.AppealURL) > maxAppealURL:
		return nil, fmt.Errorf("frozen: appeal_url: got %q, want a link, https or tg", cut(full.AppealURL))
	}
	return &full, nil
}

// SetFrozen freezes the account of a number; with nil it thaws. Devices that are
// connected are told that there is another configuration.
func (s *Server) SetFrozen(phone string, f *Frozen) error {
	return s.withAccount(phone, "freeze", func(now time.Time, a *account) error {
		at := s.world.accountTime(now)
		full, err := f.complete(at)
		if err != nil {
			return err
		}
		a.frozen = full
		// https://core.telegram.org/constructor/updateConfig
		s.world.tellOthers(at, a, &tg.UpdateConfig{})
		s.deliver(now) // by the protocol's clock, which does not move
		return nil
	})
}

// readers are the methods for members that the owner of a frozen account may
// call, beside all that get something.
var readers = map[string]bool{
	"auth.exportAuthorization": true, "auth.dropTempAuthKeys": true,
	"account.updateStatus": true, "account.invalidateSignInCodes": true,
}

// freezes says whether a method is one that a frozen account may not call.
func freezes(method string) bool {
	_, name, _ := strings.Cut(method, ".")
	return !strings.HasPrefix(name, "get") && !readers[method]
}

// hash is that of a configuration with appConfig in it.
func (f *Frozen) hash() int32 {
	h := fnv.New32a()
	_, _ = fmt.Fprintln(h, f.Since.Unix(), f.Until.Unix(), f.AppealURL)
	return int32(h.Sum32() | 1<<8) // and none of an account that is not frozen
}

// appConfig is what help.getAppConfig says to somebody whose account is frozen.
// https://core.telegram.org/api/config#client-configuration
func (f *Frozen) appConfig() []*tg.JSONObjectValue {
	return []*tg.JSONObjectValue{
		{Key: "freeze_since_date", Value: &tg.JSONNumber{Value: float64(f.Since.Unix())}},
		{Key: "freeze_until_date", Value: &tg.JSONNumber{Value: float64(f.Until.Unix())}},
		{Key: "freeze_appeal_url", Value: &tg.JSONString{Value: f.AppealURL}},
	}
}
