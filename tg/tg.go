// Package tg is the Telegram API as Go types, calls and errors.
//
// Names are Telegram's in Go spelling: the method auth.sendCode is
// [AuthSendCode], the constructor auth.sentCode is [AuthSentCode]. How a TL
// type looks in Go:
//
//   - int, long, double, string, bytes, Bool are int32, int64, float64, string,
//     []byte, bool; a Vector is a slice.
//   - A type with several constructors is an interface that they implement:
//     User is [AnyUser], which is a [*User] or a [*UserEmpty].
//   - A type with one constructor is a pointer to it: NearestDc is [*NearestDC].
//   - What is optional is nil when it is left out: new(int32(60)) sets an
//     optional int. A flag without a value is a bool.
//
// The types are plain structs. One table, the schema itself, says how each is
// written, and one codec (package tl) reads it; that keeps this package quick
// to compile. [Call] makes a typed call:
//
//	near, err := tg.Call(ctx, client, &tg.HelpGetNearestDC{})
package tg

import (
	_ "embed"

	"github.com/telekey/telekey/tl"
)

//go:embed schema_gen.tl
var text string

// Schema reads and writes the types of this package, as structs and as maps.
var Schema = tl.NewSchema(text, structs)
