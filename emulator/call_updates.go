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

// maxSlice is how many messages are in one slice of a difference.
const maxSlice = 50

// getDifference answers updates.getDifference: the messages by their pts, slice
// by slice, and everything else by its date. Who has missed messages that are
// not kept any more is told to begin anew.
// https://core.telegram.org/api/updates#recovering-gaps
func getDifference(_ *world, c *caller, now time.Time, q *tg.UpdatesGetDifference) (tg.AnyUpdatesDifference, *refusal) {
	a := c.account()
	missed, all := a.notices.after(c.key, q.Pts)
	others := a.since(c, q.Date)
	users := []tg.AnyUser{serviceUser(), a.self()}
	limit := maxSlice
	if q.PtsLimit != nil && *q.PtsLimit > 0 {
		limit = min(limit, int(*q.PtsLimit))
	}
	switch {
	case !all, q.PtsTotalLimit != nil && *q.PtsTotalLimit > 0 && len(missed) > int(*q.PtsTotalLimit):
		return &tg.UpdatesDifferenceTooLong{Pts: a.notices.pts()}, nil
	case len(missed) == 0 && len(others) == 0:
		return &tg.UpdatesDifferenceEmpty{Date: unix(now)}, nil
	// What counts by its date comes with the last slice.
	case len(missed) > limit:
		state := a.notices.state(now)
		state.Pts, state.Date = ptsOf(missed[limit-1].(*tg.Message)), q.Date
		return &tg.UpdatesDifferenceSlice{NewMessages: missed[:limit], Users: users, IntermediateState: state}, nil
	}
	return &tg.UpdatesDifference{
		NewMessages:  missed,
		OtherUpdates: others,
		Users:        users,
		State:        a.notices.state(now),
	}, nil
}
