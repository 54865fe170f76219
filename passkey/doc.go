// Package passkey is an authenticator made of software: what a telephone or a
// security key is to a browser, for programs that have neither.
//
//	device, err := passkey.Open("ann.passkeys")
//	response, err := device.Create(ctx, options) // what a site asks for when it registers a passkey
//	response, err = device.Get(ctx, options)     // and when somebody signs in with it
//
// Options and responses are the JSON of WebAuthn, as PublicKeyCredential.toJSON
// and its opposites in a browser have it; a whole {"publicKey": {...}} is taken
// as well. So the same options may go to a browser, and the package knows
// nothing of Telegram: auth.RegisterPasskey and auth.PasskeyAsker do.
//
// It makes keys of one kind, ES256 (ECDSA on P-256 with SHA-256), attests
// nothing ("none"), and keeps every credential itself (they are "resident"), so
// that the site need not say whose it wants. It is the client of WebAuthn, too:
// it says on which origin the ceremony took place, and refuses one that the
// site's id does not belong to.
//
// # What it is good for
//
// For tests, and for services that take passkeys of any site id or of yours.
// Telegram's real servers are not among them: they take passkeys of the id
// telegram.org alone, which only their own apps may ask a telephone for, and
// refuse those of other programs, as they say in their documentation. With the
// emulator of this module all of it works.
//
// # What it protects
//
// A private key is a login. Here it lies in a file, mode 0600, or in a variable,
// in the clear, and no finger or PIN stands before it: the authenticator claims
// that its user was verified because whoever could read the file is taken for
// the user. Set [Authenticator.Unverified] to claim less.
//
// https://www.w3.org/TR/webauthn-3/
// https://core.telegram.org/api/passkeys
package passkey
