package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// getState answers updates.getState, which many clients call to see whether
// they are signed in.
// https://core.telegram.org/method/updates.getState
func getState(_ *world, c *caller, now time.Time, _ *tg.UpdatesGetState) (*tg.UpdatesState, *refusal) {
	return c.account().notices.state(now), nil
}

// getDifference answers updates.getDifference.
// https://core.telegram.org/api/updates#recovering-gaps
func getDifference(_ *world, c *caller, now time.Time, q *tg.UpdatesGetDifference) (tg.AnyUpdatesDifference, *refusal) {
	a := c.account()
	missed := a.notices.after(q.Pts)
	if len(missed) == 0 {
		return &tg.UpdatesDifferenceEmpty{Date: unix(now)}, nil
	}
	return &tg.UpdatesDifference{
		NewMessages: missed,
		Users:       []tg.AnyUser{serviceUser(), a.self()},
		State:       a.notices.state(now),
	}, nil
}
