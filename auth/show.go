package auth

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/telekey/telekey/tg"
)

// Questions that an update may end: the device that was shown a QR code accepts
// it, Telegram gets the money for a code.

// maxNews is how many updates wait for a question. Each says no more than that it
// is time to look, so that what comes on top can be dropped.
const maxNews = 8

// listen has the updates delivered that questions wait for. It is called before
// the first call, so that none is missed.
func listen(c Client) (news <-chan tg.AnyUpdate, stop func()) {
	updates := make(chan tg.AnyUpdate, maxNews)
	stop = c.Subscribe(func(u tg.AnyUpdates) {
		for _, one := range updatesIn(u) {
			if !endsQR(one) && !endsPayment(one) {
				continue
			}
			select {
			case updates <- one:
			default:
			}
		}
	})
	return updates, stop
}

// updatesIn takes the updates out of what they travel in.
//
// https://core.telegram.org/type/Updates
func updatesIn(u tg.AnyUpdates) []tg.AnyUpdate {
	switch u := u.(type) {
	case *tg.UpdateShort:
		return []tg.AnyUpdate{u.Update}
	case *tg.Updates:
		return u.Updates
	case *tg.UpdatesCombined:
		return u.Updates
	}
	return nil
}

func endsQR(u tg.AnyUpdate) bool {
	_, ends := u.(*tg.UpdateLoginToken)
	return ends
}

func endsPayment(u tg.AnyUpdate) bool {
	_, ends := u.(*tg.UpdateSentPhoneCode)
	return ends
}

// ends reports whether the update ends the question.
func ends(q Question, u tg.AnyUpdate) bool {
	switch q.(type) {
	case ShowQR:
		return endsQR(u)
	case PaymentQuestion:
		return endsPayment(u)
	}
	return false
}

// reply is what an Asker returned.
type reply struct {
	answer Answer
	err    error
}

// show has a show s until an answer, an update or the time ends it, and tells f.
// a is never asked two questions at once: what it says to one that is stale is
// waited for, and an answer that comes in the same moment counts.
func show(ctx context.Context, f *Flow, a Asker, s Show, news <-chan tg.AnyUpdate) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	replies := make(chan reply, 1)
	go func() {
		answer, err := a.Ask(asking, s.Question)
		replies <- reply{answer, err}
	}()
	r, update := await(ctx, s, replies, news)
	stop()
	if r == nil {
		r = &reply{answer: (<-replies).answer} // its error is that the question is stale
	}
	switch {
	case r.err != nil:
		return r.err
	case r.answer != nil:
		return f.Answered(time.Now(), r.answer, rand.Reader)
	case ctx.Err() != nil:
		return ctx.Err()
	case update != nil:
		return f.Returned(time.Now(), update, nil)
	}
	return f.Returned(later(time.Now(), s.Until), nil, nil)
}

// await returns when something ends the question, with the update if it was one.
// The reply is nil if there is none yet, and has no answer if there will be none.
func await(ctx context.Context, s Show, replies <-chan reply, news <-chan tg.AnyUpdate) (*reply, tg.AnyUpdate) {
	var late <-chan time.Time
	if !s.Until.IsZero() {
		timer := time.NewTimer(time.Until(s.Until))
		defer timer.Stop()
		late = timer.C
	}
	var r *reply
	for {
		select {
		case said := <-replies:
			if r = &said; said.err != nil || said.answer != nil {
				return r, nil
			}
			replies = nil
		case update := <-news:
			if ends(s.Question, update) {
				return r, update
			}
		case <-late:
			return r, nil
		case <-ctx.Done():
			return r, nil
		}
	}
}

// later is the later of two times: timers and clocks need not agree to the last
// nanosecond.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
