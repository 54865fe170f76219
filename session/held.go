package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrHeld reports that another program holds the session; errors.As with a
// *HeldError identifies it.
var ErrHeld = errors.New("the session is held already")

// ErrLost reports that this hold has ended: the session was released or lost. Its
// keys must not be used any more.
var ErrLost = errors.New("the session is not held any more")

// HeldError identifies the holder of a session. It is an ErrHeld.
type HeldError struct {
	Session string    // the store's name for it: a path, for files
	PID     int       // the holder's process; zero: not known
	Host    string    // the holder's machine; empty: not known
	Since   time.Time // zero: not known
}

// Error names the holder and the remedy.
func (e *HeldError) Error() string {
	who := "another program"
	switch here, _ := os.Hostname(); {
	case e.PID == 0:
	case e.PID == os.Getpid() && e.Host == here:
		who = fmt.Sprintf("this program (process %d)", e.PID)
	case e.Host == "":
		who = fmt.Sprintf("process %d", e.PID)
	default:
		who = fmt.Sprintf("process %d on %q", e.PID, e.Host)
	}
	if !e.Since.IsZero() {
		who += " since " + e.Since.Format(time.RFC3339)
	}
	return fmt.Sprintf("session %s is held by %s: wait until it is released, or end the holder", e.Session, who)
}

// Is makes a HeldError an ErrHeld.
func (e *HeldError) Is(target error) bool { return target == ErrHeld }

// holder describes this process for other programs.
func holder(session string) *HeldError {
	host, _ := os.Hostname()
	return &HeldError{Session: session, PID: os.Getpid(), Host: host, Since: time.Now()}
}

// Between two tries, Wait pauses for pauseMin at first and never longer than
// pauseMax.
const (
	pauseMin = 10 * time.Millisecond
	pauseMax = 200 * time.Millisecond
)

// Wait holds the session as soon as it is free. If ctx ends before, the error wraps
// both ErrHeld, with the last holder, and the cause of ctx's end.
func Wait(ctx context.Context, s Store) (Held, error) {
	var held error // the last refusal
	for pause := pauseMin; ; pause = min(2*pause, pauseMax) {
		h, err := s.Hold(ctx)
		if errors.Is(err, ErrHeld) {
			held = err
		} else if held == nil || ctx.Err() == nil || err == nil {
			return h, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (stopped waiting: %w)", held, context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}
