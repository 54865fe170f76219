// Package passkey is a software authenticator: it replaces the telephone or the
// security key of a browser in programs that have neither.
//
//	device, err := passkey.Open("ann.passkeys")
//	response, err := device.Create(ctx, options) // registers a passkey with a site
//	response, err = device.Get(ctx, options)     // signs in with it
//
// Options and responses are the JSON of WebAuthn, as PublicKeyCredential.toJSON
// and its opposites in a browser have it; {"publicKey": {...}} is accepted as well.
// The same options work in a browser. The package does not depend on Telegram;
// auth.RegisterPasskey and auth.PasskeyAsker use it.
//
// It makes keys of one kind, ES256 (ECDSA on P-256 with SHA-256), attests
// nothing ("none"), and stores every credential itself (they are "resident"), so
// that the site need not name the user. It is the client of WebAuthn, too: it
// reports the origin of the ceremony, and refuses an origin that does not belong to
// the site's id.
//
// # Where it works
//
// Use it in tests, and with services that accept passkeys of any site id or of
// yours. Telegram's real servers do not: they accept passkeys of the id
// telegram.org only, which only Telegram's apps may request from a telephone, and
// refuse those of other programs, as their documentation says. The emulator of
// this module accepts them.
//
// # How keys are protected
//
// A private key is a login. It is stored unencrypted, in a file with mode 0600 or
// in a variable, without a fingerprint or a PIN. The authenticator claims that it
// verified its user, because it treats every process that can read the file as
// that user. Set [Authenticator.Unverified] to withdraw the claim.
//
// https://www.w3.org/TR/webauthn-3/
// https://core.telegram.org/api/passkeys
package passkey
