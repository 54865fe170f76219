package auth

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// CodeKind is how a code travels. A kind that this version does not know is the
// name of Telegram's constructor, such as auth.sentCodeTypePigeon; its code can
// be answered all the same.
type CodeKind string

// The kinds of codes.
//
// https://core.telegram.org/type/auth.SentCodeType
const (
	CodeByApp        CodeKind = "app"         // a message from Telegram on the account's other devices
	CodeBySMS        CodeKind = "sms"         // digits in a text message
	CodeByCall       CodeKind = "call"        // a voice says it
	CodeByFlashCall  CodeKind = "flash call"  // the number that calls is the code
	CodeByMissedCall CodeKind = "missed call" // the last digits of the number that calls
	CodeByEmail      CodeKind = "email"       // in the mailbox of the login e-mail
	CodeByFragment   CodeKind = "fragment"    // on fragment.com, for anonymous numbers
	CodeByFirebase   CodeKind = "firebase"    // an SMS that only Telegram's own apps can have sent
	CodeByWord       CodeKind = "word"        // a word in a text message
	CodeByPhrase     CodeKind = "phrase"      // a few words in a text message
)

// sentCode is what is remembered of a code that was sent.
type sentCode struct {
	Hash     []byte    `json:"hash"`
	Kind     CodeKind  `json:"kind"`
	Length   int       `json:"length,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Next     CodeKind  `json:"next,omitempty"`
	ResendAt time.Time `json:"resend_at,omitzero"`

	Firebase   *Firebase     `json:"firebase,omitempty"` // nil once it was answered
	Google     bool          `json:"google,omitempty"`
	Apple      bool          `json:"apple,omitempty"`
	ResetAfter time.Duration `json:"reset_after,omitempty"`
	ResetAt    time.Time     `json:"reset_at,omitzero"`
}

// describe notes what auth.sentCode says. The hash belongs to the data centre
// that gave it, and the newest hash is the one to use.
//
// https://core.telegram.org/constructor/auth.sentCode
func describe(now time.Time, sent *tg.AuthSentCode) *sentCode {
	s := &sentCode{Hash: []byte(sent.PhoneCodeHash), Next: nextKind(sent.NextType)}
	s.Kind, s.Length, s.Detail = sentKind(sent.Type)
	if sent.Timeout != nil && *sent.Timeout > 0 {
		s.ResendAt = now.UTC().Round(0).Add(time.Duration(*sent.Timeout) * time.Second)
	}
	switch t := sent.Type.(type) {
	case *tg.AuthSentCodeTypeFirebaseSMS:
		s.Firebase = firebaseOf(t)
	case *tg.AuthSentCodeTypeEmailCode:
		s.Google, s.Apple = t.GoogleSigninAllowed, t.AppleSigninAllowed
		s.ResetAfter, s.ResetAt = seconds(t.ResetAvailablePeriod), unix(t.ResetPendingDate)
	case *tg.AuthSentCodeTypeSetUpEmailRequired:
		s.Google, s.Apple = t.GoogleSigninAllowed, t.AppleSigninAllowed
	}
	return s
}

func firebaseOf(t *tg.AuthSentCodeTypeFirebaseSMS) *Firebase {
	b := &Firebase{
		PlayIntegrityNonce: t.PlayIntegrityNonce, SafetyNetNonce: t.Nonce,
		Receipt: text(t.Receipt), PushTimeout: seconds(t.PushTimeout),
	}
	if t.PlayIntegrityProjectID != nil {
		b.PlayIntegrityProject = *t.PlayIntegrityProjectID
	}
	return b
}

// seconds is an optional length of time, unix an optional point of it.
func seconds(n *int32) time.Duration {
	if n == nil {
		return 0
	}
	return time.Duration(max(*n, 0)) * time.Second
}

func unix(n *int32) time.Time {
	if n == nil {
		return time.Time{}
	}
	return moment(*n)
}

// sentKind reads how the code was sent, its length and [CodeQuestion.Detail].
func sentKind(t tg.AnyAuthSentCodeType) (kind CodeKind, length int, detail string) {
	switch t := t.(type) {
	case *tg.AuthSentCodeTypeApp:
		return CodeByApp, int(t.Length), ""
	case *tg.AuthSentCodeTypeSMS:
		return CodeBySMS, int(t.Length), ""
	case *tg.AuthSentCodeTypeCall:
		return CodeByCall, int(t.Length), ""
	case *tg.AuthSentCodeTypeFlashCall:
		return CodeByFlashCall, 0, t.Pattern
	case *tg.AuthSentCodeTypeMissedCall:
		return CodeByMissedCall, int(t.Length), t.Prefix
	case *tg.AuthSentCodeTypeEmailCode:
		return CodeByEmail, int(t.Length), t.EmailPattern
	case *tg.AuthSentCodeTypeFragmentSMS:
		return CodeByFragment, int(t.Length), t.URL
	case *tg.AuthSentCodeTypeFirebaseSMS:
		return CodeByFirebase, int(t.Length), ""
	case *tg.AuthSentCodeTypeSMSWord:
		return CodeByWord, 0, text(t.Beginning)
	case *tg.AuthSentCodeTypeSMSPhrase:
		return CodeByPhrase, 0, text(t.Beginning)
	}
	return CodeKind(constructor(t)), 0, ""
}

// nextKind reads how the code would be sent again. There is no way back to the
// app, the mailbox, the word or the phrase.
//
// https://core.telegram.org/type/auth.CodeType
func nextKind(t tg.AnyAuthCodeType) CodeKind {
	switch t.(type) {
	case nil:
		return ""
	case *tg.AuthCodeTypeSMS:
		return CodeBySMS
	case *tg.AuthCodeTypeCall:
		return CodeByCall
	case *tg.AuthCodeTypeFlashCall:
		return CodeByFlashCall
	case *tg.AuthCodeTypeMissedCall:
		return CodeByMissedCall
	case *tg.AuthCodeTypeFragmentSMS:
		return CodeByFragment
	}
	return CodeKind(constructor(t))
}

// digits reports whether codes of this kind are digits, so that whatever people
// type between them can be dropped.
func (k CodeKind) digits() bool {
	switch k {
	case CodeByApp, CodeBySMS, CodeByCall, CodeByFlashCall, CodeByMissedCall, CodeByFragment, CodeByFirebase:
		return true
	}
	return false
}

// constructor is the schema's name of v.
func constructor(v any) string {
	if d := tg.Schema.DefinitionOf(v); d != nil {
		return d.Name
	}
	return "unknown"
}

// text is an optional string.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
