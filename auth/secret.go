package auth

import "github.com/telekey/telekey/secret"

// CodeAnswer is what Telegram sent to prove that a number or an address is one's
// own: see [Code]. It is text, because some codes are words. However it is printed,
// logged or made JSON, it does not show; Reveal returns it.
type CodeAnswer struct{ secret.Text }

// Code returns an answer to [CodeQuestion].
func Code(text string) CodeAnswer { return CodeAnswer{secret.New(text)} }

// SecretAnswer is a password or a token: see [Secret]. It is bytes, so that they can
// be wiped, which a string cannot; a password is UTF-8 as it was typed, Telegram
// normalises nothing. However it is printed, logged or made JSON, neither it nor its
// length shows; Bytes returns it.
type SecretAnswer struct{ secret.Text }

// Secret returns an answer to [PasswordQuestion] or [TokenQuestion]. A string is
// copied; bytes stay the caller's, wherever they lie, and are wiped after use.
func Secret[T ~string | ~[]byte](text T) SecretAnswer { return SecretAnswer{secret.New(text)} }

// Clone returns a copy that has its own bytes.
func (s SecretAnswer) Clone() SecretAnswer { return SecretAnswer{s.Text.Clone()} }

// QRLink is what a device that is signed in accepts to sign another one in: see
// [ShowQR] and [AcceptLogin]. However it is printed, logged or made JSON, it does
// not show; Reveal returns it.
type QRLink struct{ secret.Text }

// LoginLink returns the link of a QR code for [AcceptLogin].
func LoginLink(text string) QRLink { return QRLink{secret.New(text)} }

// GoogleTokenAnswer is the OpenID Connect id token by which Google says who owns a
// mailbox: see [GoogleToken]. It prints as a redaction, like a code.
type GoogleTokenAnswer struct{ secret.Text }

// GoogleToken returns an answer to [EmailQuestion] and to codes by e-mail.
func GoogleToken(text string) GoogleTokenAnswer { return GoogleTokenAnswer{secret.New(text)} }

// AppleTokenAnswer is the OpenID Connect id token by which Apple says who owns a
// mailbox: see [AppleToken]. It prints as a redaction, like a code.
type AppleTokenAnswer struct{ secret.Text }

// AppleToken returns an answer to [EmailQuestion] and to codes by e-mail.
func AppleToken(text string) AppleTokenAnswer { return AppleTokenAnswer{secret.New(text)} }

// ChallengeAnswer is what Google or Apple give to a program that they vouch for: see
// [ChallengeToken]. It prints as a redaction, like a code.
type ChallengeAnswer struct{ secret.Text }

// ChallengeToken returns the answer to a [ChallengeQuestion].
func ChallengeToken(text string) ChallengeAnswer { return ChallengeAnswer{secret.New(text)} }
