package control

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/telekey/telekey/emulator"
)

// getClock answers GET /v1/clock: what the account clock shows.
func getClock(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	now := a.emulator.Clock()
	if now.IsZero() {
		return nil, emulator.ErrClosed
	}
	return map[string]time.Time{"now": now.UTC()}, nil
}

// advance is the duration to add to the clock, in one of two forms.
type advance struct {
	By      *string `json:"by"`
	Seconds *int64  `json:"seconds"`
}

// duration returns it.
func (a advance) duration() (time.Duration, error) {
	if a.Seconds != nil {
		n := *a.Seconds
		switch {
		case a.By != nil:
			return 0, errors.New("by: got it together with seconds, want one of them")
		case n <= 0 || n > int64(emulator.MaxAhead/time.Second):
			return 0, fmt.Errorf("seconds: got %d, want at least one, at most %d", n, emulator.MaxAhead/time.Second)
		}
		return time.Duration(n) * time.Second, nil
	}
	text := ""
	if a.By != nil {
		text = *a.By
	}
	by, err := time.ParseDuration(text)
	if err != nil || by <= 0 || by > emulator.MaxAhead {
		return 0, fmt.Errorf(`by: got %q, want a time like "1h30m", at most %v; or seconds`, text, emulator.MaxAhead)
	}
	return by, nil
}

// advanceClock answers POST /v1/clock/advance: what the account clock shows now.
func advanceClock(a *api, r *http.Request) (any, error) {
	var given advance
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	by, err := given.duration()
	if err != nil {
		return nil, err
	}
	was := a.emulator.Clock()
	a.emulator.FastForward(by)
	now := a.emulator.Clock()
	switch {
	case now.IsZero():
		return nil, emulator.ErrClosed
	case now.Sub(was) < by:
		return nil, refuse(http.StatusConflict, "end_of_time",
			"by: the clock has come to its end, which is %v from now; start a new emulator", emulator.MaxAhead)
	}
	return map[string]time.Time{"now": now.UTC()}, nil
}
