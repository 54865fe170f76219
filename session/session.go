// Package session defines the state that a client keeps between runs, stores it,
// and grants it to one holder at a time.
//
// A session is a few hundred bytes per data centre, mainly the authorization keys:
// a program with the keys is signed in. If two programs use one key at the same
// time, Telegram answers AUTH_KEY_DUPLICATED and the key is lost, so a [Store]
// gives a session to one holder at a time.
//
//	held, err := session.File("me.session").Hold(ctx)
//	if err != nil { … } // errors.Is(err, session.ErrHeld): another program has it
//	defer held.Release(ctx)
//	err = held.Update(ctx, func(d *session.Data) error {
//		d.Home = 2
//		return nil
//	})
//
// [Memory], [File] and [Folder] are the stores that come with telekey; package
// sessiontest is the suite that any other store must pass.
package session

import (
	"context"
	"time"
)

// A Store keeps one session and gives it to one holder at a time.
type Store interface {
	// Hold takes the session. If it is held, Hold returns at once an error that is
	// ErrHeld and carries a *HeldError, which names the holder; [Wait] waits
	// instead. A session that was never saved is empty, not an error.
	Hold(ctx context.Context) (Held, error)
}

// Held is a session held by one holder. Its methods may be called from several
// goroutines.
type Held interface {
	// Data returns a copy of the current session, including notes; empty after
	// Release.
	Data() Data

	// Update changes the session: when it returns nil, the change is durable,
	// and when it returns an error, nothing has changed. Updates run one after
	// another; change gets a copy, and must not call Update or Release. After
	// the end of the hold, Update fails with ErrLost.
	Update(ctx context.Context, change func(*Data) error) error

	// Note records values that change often and can be obtained again. It does
	// not write: the newest State of each data centre is saved with the next
	// Update or at Release, and is lost if the program ends without either.
	Note(State)

	// Until returns the time when the hold ends unless it is renewed; zero if it
	// does not end by itself. A holder checks it before each packet it sends.
	Until() time.Time

	// Lost is closed when the hold ends: lost or released.
	Lost() <-chan struct{}

	// Release saves the notes and releases the session, even if it returns an
	// error. It waits for a running Update until ctx ends; the session is then
	// released when that Update ends. Releasing again does nothing.
	Release(ctx context.Context) error
}

// A Shelf keeps the sessions of many accounts in one place, by name.
type Shelf interface {
	// Session returns the store of one name. It need not exist yet; Hold refuses
	// a name that the shelf does not allow.
	Session(name string) Store

	// List names the sessions that have been saved, in order.
	List(ctx context.Context) ([]string, error)

	// Remove deletes a session that is not held; otherwise it returns ErrHeld. It
	// does not sign out, which is impossible later without the keys. Removing a
	// missing session succeeds.
	Remove(ctx context.Context, name string) error
}

// State holds values that change too often to be saved each time: see [Held.Note].
type State struct {
	DC int // a data centre that the session has a key for; for others a State is dropped

	// Salt is the server's newest salt for that key. Zero keeps the recorded one.
	Salt int64

	// Offset is the server's clock minus ours.
	Offset time.Duration
}
