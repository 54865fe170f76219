package auth

import (
	"context"
	"sync"

	"github.com/telekey/telekey/tg"
)

// Watch calls f with what the account tells, one event at a time, until stop is
// called, the account's login has ended or ctx ends. It listens to what Telegram
// sends and to how calls end, whoever makes them through c, and asks Telegram
// itself only for what was missed. f may make calls, and may call stop.
//
//	stop := auth.Watch(ctx, client, func(e auth.Event) {
//		switch e := e.(type) {
//		case auth.NewDevice:
//			log.Printf("a new login on %s, %s", e.Device, e.Location)
//		case auth.Ended:
//			log.Printf("signed out: %s", e.Reason)
//		}
//	})
//
// What happened while nobody watched is not told: see [Status] and [Devices].
func Watch(ctx context.Context, c Client, f func(Event)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{client: c, tell: f, wake: make(chan struct{}, 1)}
	ends := []func(){
		c.Subscribe(func(u tg.AnyUpdates) { w.add(u) }),
		c.Refusals(w.refused),
	}
	go func() {
		defer cancel()
		w.run(ctx)
		for _, end := range ends {
			end()
		}
	}()
	return cancel
}

// maxWatched is how much may wait to be looked at. Beyond it the oldest is
// dropped, and what was missed asked for.
const maxWatched = 1000

// watcher turns what happens into events. Only run touches what is below wake.
type watcher struct {
	client Client
	tell   func(Event)

	mu      sync.Mutex
	waiting []any // tg.AnyUpdates, Reason and notAcceptable
	wake    chan struct{}

	state  *tg.UpdatesState // up to where updates have come; nil: not known yet
	seen   int32            // the newest message of Telegram's that was looked at
	frozen bool             // has been told
	ended  Reason

	notices notices
}

// missed stands for what has to be asked for.
var missed = &tg.UpdatesTooLong{}

// frozenOut stands for a refusal because the account is frozen.
const frozenOut Reason = "frozen"

// refused notes what the end of a call says of the login. A data centre that is
// not the home may lose it; that is nothing for the account.
func (w *watcher) refused(dc int, err error) {
	e := tg.AsError(err)
	if e != nil && isNotAcceptable(e) {
		w.add(notAcceptable(e.Type))
		return
	}
	d := w.client.Session()
	if dc != d.Home {
		return
	}
	if e != nil && e.Type == tg.ErrFrozenMethodInvalid {
		w.add(frozenOut)
		return
	}
	switch reason := ReasonOf(err, d); reason {
	case "", PasswordPending:
	default:
		w.add(reason)
	}
}

// add lets something be looked at. It does not block.
func (w *watcher) add(what any) {
	w.mu.Lock()
	if len(w.waiting) >= maxWatched {
		w.waiting = append(w.waiting[:0], missed)
	}
	w.waiting = append(w.waiting, what)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) take() []any {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.waiting
	w.waiting = nil
	return all
}

// run looks at what happens, until the login or ctx ends.
func (w *watcher) run(ctx context.Context) {
	// Telegram sends updates to a session that has asked how far they are.
	// https://core.telegram.org/api/updates#subscribing-to-updates
	w.catchUp(ctx)
	for {
		for _, what := range w.take() {
			if ctx.Err() != nil {
				return
			}
			switch what := what.(type) {
			case tg.AnyUpdates:
				w.updates(ctx, what)
			case Reason:
				w.reason(ctx, what)
			case notAcceptable:
				w.tell(Notice{Type: tg.ErrorType(what), Text: w.notices.refuse(tg.ErrorType(what))})
			}
			if w.ended != "" {
				w.tell(Ended{w.ended})
				return
			}
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return
		}
	}
}

// reason looks at why calls are refused.
func (w *watcher) reason(ctx context.Context, r Reason) {
	if r == frozenOut {
		w.checkFreeze(ctx)
		return
	}
	w.ended = r
}

// updates looks at a packet of updates.
//
// https://core.telegram.org/type/Updates
func (w *watcher) updates(ctx context.Context, u tg.AnyUpdates) {
	switch u := u.(type) {
	case *tg.Updates:
		w.each(ctx, u.Updates)
	case *tg.UpdatesCombined:
		w.each(ctx, u.Updates)
	case *tg.UpdateShort:
		w.each(ctx, []tg.AnyUpdate{u.Update})
	case *tg.UpdateShortMessage:
		if !u.Out && u.UserID == telegramID {
			w.message(u.ID, u.Date, u.Message)
		}
		w.reached(u.Pts)
	case *tg.UpdatesTooLong:
		w.catchUp(ctx)
	}
}

func (w *watcher) each(ctx context.Context, updates []tg.AnyUpdate) {
	for _, u := range updates {
		switch u := u.(type) {
		case *tg.UpdateNewAuthorization:
			e := NewDevice{ID: DeviceID(u.Hash), Unconfirmed: u.Unconfirmed, Device: text(u.Device), Location: text(u.Location)}
			if u.Date != nil {
				e.At = moment(*u.Date)
			}
			w.tell(e)
		case *tg.UpdateNewMessage:
			w.chat(u.Message)
			w.reached(u.Pts)
		case *tg.UpdateServiceNotification:
			w.notice(u)
		case *tg.UpdateConfig:
			w.checkFreeze(ctx)
		}
	}
}

func (w *watcher) reached(pts int32) {
	if w.state != nil && pts > w.state.Pts {
		w.state.Pts = pts
	}
}

// maxSlices bounds how much that was missed is asked for.
const maxSlices = 20

// catchUp asks for what was missed; the first time, only from where on. What
// goes wrong with that, the watcher is told like of any other call.
//
// https://core.telegram.org/api/updates#recovering-gaps
func (w *watcher) catchUp(ctx context.Context) {
	if w.state == nil {
		w.state, _ = tg.Call(ctx, w.client, &tg.UpdatesGetState{})
		return
	}
	for range maxSlices {
		answer, err := tg.Call(ctx, w.client, &tg.UpdatesGetDifference{Pts: w.state.Pts, Date: w.state.Date, Qts: w.state.Qts})
		if err != nil {
			return
		}
		switch d := answer.(type) {
		case *tg.UpdatesDifference:
			w.difference(ctx, d.NewMessages, d.OtherUpdates, d.State)
			return
		case *tg.UpdatesDifferenceSlice:
			w.difference(ctx, d.NewMessages, d.OtherUpdates, d.IntermediateState)
		case *tg.UpdatesDifferenceTooLong:
			w.state.Pts = d.Pts
		default:
			return
		}
	}
}

func (w *watcher) difference(ctx context.Context, messages []tg.AnyMessage, others []tg.AnyUpdate, state *tg.UpdatesState) {
	for _, m := range messages {
		w.chat(m)
	}
	w.each(ctx, others)
	if state != nil {
		w.state = state
	}
}

// checkFreeze tells once that the account is frozen, if it is.
func (w *watcher) checkFreeze(ctx context.Context) {
	freeze, err := frozen(ctx, w.client)
	switch {
	case err != nil:
		return
	case freeze == nil:
		w.frozen = false
	case !w.frozen:
		w.frozen = true
		w.tell(Frozen{*freeze})
	}
}
