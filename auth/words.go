package auth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/display"
	"github.com/telekey/telekey/tg"
)

// words is what a person is told before a question, in whole lines.
func words(q Question, now time.Time) string {
	var lines []string
	switch q := q.(type) {
	case PhoneQuestion:
		if q.Refused != nil {
			lines = []string{"Telegram does not know this number. Write it with its country code, as in +9996621234."}
		}
	case CodeQuestion:
		lines = codeWords(q, now)
	case PasswordQuestion:
		lines = passwordWords(q)
	case TermsQuestion:
		return display.Lines(strings.Join(termsWords(q), "\n")) + "\n"
	case NameQuestion:
		lines = nameWords(q)
	default:
		lines = moreWords(q, now)
	}
	for i, l := range lines {
		lines[i] = display.Line(l) + "\n"
	}
	return strings.Join(lines, "")
}

// codeWords says where the code is, or what was wrong with the last one, and what
// else can be done.
func codeWords(q CodeQuestion, now time.Time) []string {
	switch refused(q.Refused) {
	case tg.ErrPhoneCodeInvalid, tg.ErrPhoneCodeEmpty, tg.ErrCodeInvalid, tg.ErrCodeEmpty:
		return []string{sentence("That code is wrong.", resendWords(q, now))}
	case tg.ErrTaskAlreadyExists:
		return []string{sentence("That was asked for before.", resetWords(q, now))}
	case tg.ErrPhoneCodeExpired, tg.ErrEmailVerifyExpired, tg.ErrPasswordRecoveryExpired:
		return []string{"That code has expired. To have a new one sent, type r."}
	case tg.ErrSendCodeUnavailable:
		if q.Next != "" && q.ResendAt.After(now) {
			return []string{sentence("That was too early. The code that was sent still counts.", resendWords(q, now))}
		}
		return []string{"Telegram does not send this code in another way. The one that was sent still counts."}
	}
	where := sentence(whereWords(q), resendWords(q, now), resetWords(q, now))
	if q.MaySkip {
		return []string{where, "To leave the address unconfirmed, type s."}
	}
	return []string{where}
}

func whereWords(q CodeQuestion) string {
	switch q.Kind {
	case CodeByApp:
		return "The code is in Telegram on your other device."
	case CodeBySMS:
		return fmt.Sprintf("The code was sent to %s by SMS.", q.Phone)
	case CodeByCall:
		return fmt.Sprintf("A call to %s will tell you the code.", q.Phone)
	case CodeByFlashCall:
		return fmt.Sprintf("A call to %s will come from the number %s: that number is the code.", q.Phone, q.Detail)
	case CodeByMissedCall:
		return fmt.Sprintf("A call to %s will come from a number that begins with %s: its last %d digits are the code.", q.Phone, q.Detail, q.Length)
	case CodeByEmail:
		return fmt.Sprintf("The code was sent to the mailbox %s.", q.Detail)
	case CodeByFragment:
		return fmt.Sprintf("The code is on the page %s.", q.Detail)
	case CodeByFirebase:
		if q.Firebase == nil { // it was told who asks
			return fmt.Sprintf("The code was sent to %s by SMS.", q.Phone)
		}
		return "Telegram wants to send the code through its own app, which this program is not."
	case CodeByWord:
		return sentence(fmt.Sprintf("An SMS to %s has a word in it: that word is the code.", q.Phone), beginning(q.Detail))
	case CodeByPhrase:
		return sentence(fmt.Sprintf("An SMS to %s has a few words in it: they are the code.", q.Phone), beginning(q.Detail))
	}
	return fmt.Sprintf("Telegram sent a code in a way that this version does not know (%s). If you find it, type it.", q.Kind)
}

func beginning(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("It begins with %q.", s)
}

// resendWords say how and when the code can be sent in another way.
func resendWords(q CodeQuestion, now time.Time) string {
	ways := map[CodeKind]string{
		CodeBySMS: "sent by SMS", CodeByCall: "told by a call", CodeByFlashCall: "given by a flash call",
		CodeByMissedCall: "given by a missed call", CodeByFragment: "shown on fragment.com", CodeByEmail: "sent to the mailbox once more",
	}
	way := cmp.Or(ways[q.Next], "sent in another way")
	switch wait := q.ResendAt.Sub(now); {
	case q.Next == "":
		return ""
	case q.ResendAt.IsZero() || wait <= 0:
		return fmt.Sprintf("It can be %s: type r.", way)
	default:
		return fmt.Sprintf("In %d s it can be %s: type r.", int64((wait+time.Second-1)/time.Second), way)
	}
}

// characters is what codes of a kind are made of.
func characters(k CodeKind) string {
	if k.digits() {
		return "digits"
	}
	return "characters"
}

func passwordWords(q PasswordQuestion) (lines []string) {
	switch refused(q.Refused) {
	case tg.ErrPasswordHashInvalid:
		lines = append(lines, "That password is wrong.")
	case tg.ErrSRPPasswordChanged:
		lines = append(lines, "The password has just been changed.")
	case tg.ErrPasswordRecoveryNa:
		lines = append(lines, "Telegram has no mailbox to send a code to: only the password itself helps.")
	default:
		lines = append(lines, passwordOf(q))
	}
	if q.Hint != "" {
		lines[0] += fmt.Sprintf(" Its hint: %s", q.Hint)
	}
	if q.HasRecovery && refused(q.Refused) != tg.ErrPasswordRecoveryNa {
		lines = append(lines, "If it is lost, type ! to replace it by way of the recovery e-mail.")
	}
	return lines
}

// passwordOf says whose password is asked for.
func passwordOf(q PasswordQuestion) string {
	switch {
	case q.Earlier && q.Phone != "":
		return fmt.Sprintf("An earlier sign-in of %s waits for its password.", q.Phone)
	case q.Earlier:
		return "An earlier sign-in waits for its password."
	case q.Phone != "":
		return fmt.Sprintf("The account of %s has a password.", q.Phone)
	}
	return "The account has a password."
}

func termsWords(q TermsQuestion) []string {
	lines := []string{"This number has no account yet. These are Telegram's terms of service:", q.Text}
	if q.MinAge > 0 {
		lines = append(lines, fmt.Sprintf("By accepting them you say that you are %d years old or older.", q.MinAge))
	}
	return lines
}

func nameWords(q NameQuestion) []string {
	switch refused(q.Refused) {
	case tg.ErrFirstnameInvalid:
		return []string{"Telegram does not take this first name."}
	case tg.ErrLastnameInvalid:
		return []string{"Telegram does not take this last name."}
	}
	return []string{"What name shall the new account have?"}
}

func refused(e *tg.Error) tg.ErrorType {
	if e == nil {
		return ""
	}
	return e.Type
}

// sentence joins sentences of which any may be empty.
func sentence(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, " ")
}
