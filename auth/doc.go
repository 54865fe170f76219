// Package auth is everything between "not signed in" and "signed in", and the care
// of an account's access.
//
// [SignIn] does all of it with a connected client and somebody to ask:
//
//	me, err := auth.SignIn(ctx, client, auth.Phone("+9996621234"), auth.Terminal(os.Stdin, os.Stdout))
//
// What it does is decided by a [Flow]: a state machine without socket, clock or
// random source, which says by [Flow.Next] what to do and is told what came of
// it. SignIn is the short loop around it. Web servers and GUIs, which cannot
// wait inside a loop until somebody has found his telephone, hold the Flow
// themselves: [Drive] runs it to the next question, [Flow.Marshal] writes it
// down, and [Resume] continues it in another request or another process.
//
// The ways in are [Phone], with codes of every kind, the login e-mail, sign-up, the
// password and its recovery; [QR], which [AcceptLogin] is the other side of; [Bot],
// [WebToken] and [Passkey]. Future auth tokens, which spare a code, are kept in the
// session and shown without anybody doing anything.
//
// A flow asks an [Asker]. There is one for people ([Terminal]), one for values
// that are known beforehand ([Answers]), and one method to write for any other.
//
// The calls that a flow is made of are there one by one as well: [GetUser],
// [SendCode], [CheckCode], [SignUp], [GetPassword], [PasswordProof] or [SRP],
// [CheckPassword], [Remember], [LogOut].
//
// Whoever is signed in takes care of the account with the same machine. What asks
// questions is a [Task], done by [Run] or held by [NewTask]: the password, its
// recovery, another number or mailbox, deletion. What takes one call is a function:
// [Devices] and its kin, [PasswordInfo], [ResetPassword], [AccountTTL]. Telegram's
// rules for the first 24 hours of a login or a password are one error,
// [TooFreshError], which says until when. [Status] says whether somebody is still
// signed in, and if not why; [Watch] tells it as it happens, with new devices and
// codes that were sent.
//
// Codes and passwords are of the types [Code] and [Secret], which print as a
// redaction. The flow wipes a password when it has no more use for it.
//
// https://core.telegram.org/api/auth
package auth
