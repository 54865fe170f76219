// Package auth is everything between "not signed in" and "signed in".
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
// A flow asks an [Asker]. There is one for people ([Terminal]), one for values
// that are known beforehand ([Answers]), and one method to write for any other.
//
// The calls that a flow is made of are there one by one as well: [GetUser],
// [SendCode], [CheckCode], [SignUp], [GetPassword], [PasswordProof] or [SRP],
// [CheckPassword], [Remember], [LogOut].
//
// Codes and passwords are of the types [Code] and [Secret], which print as a
// redaction. The flow wipes a password when it has no more use for it.
//
// https://core.telegram.org/api/auth
package auth
