// Package telekey is a connected Telegram client: it dials a data centre, makes
// calls, delivers updates, moves to the account's home and closes.
//
//	c, err := telekey.Dial(ctx, telekey.Config{AppID: id, AppHash: hash, Session: session.File("me.session")})
//	if err != nil { … }
//	defer c.Close()
//	me, err := auth.SignIn(ctx, c, auth.Phone("+9996621234"), auth.Terminal(os.Stdin, os.Stdout))
//
// Signing in is package auth, the API's types are package tg, and package
// emulator is a Telegram on this machine to try all of it against:
//
//	srv, err := emulator.Start(emulator.Config{})
//	c, err := telekey.Dial(ctx, telekey.Config{Network: srv.Network()})
//
// # Calls
//
// [tg.Call] makes a typed call through a client; [Client.Call] makes one by name.
// A call ends with an answer; with a refusal, which is a [*tg.Error]; with
// [ErrOutcomeUnknown], when the server forgot the session before it answered;
// with [*NetworkError]; or with its context's error.
//
// The client itself deals with what has nothing to do with the call: it follows
// PHONE_MIGRATE, NETWORK_MIGRATE and USER_MIGRATE to the data centre that they
// name, waits out a FLOOD_WAIT of up to [Config.MaxFlood], and tries again, a few
// times, what Telegram failed to do (500, and every code that is not documented).
//
// # What it does not do
//
// It keeps no cache of users or chats, and does not fill gaps between updates.
package telekey
