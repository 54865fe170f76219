package auth

import (
	"fmt"
	"time"

	"github.com/telekey/telekey/tg"
)

// moreWords are those of the questions that few sign-ins ask.
func moreWords(q Question, now time.Time) []string {
	switch q := q.(type) {
	case ShowQR:
		return []string{
			"Scan this in Telegram on a device that is signed in: Settings, Devices, Link Desktop Device.",
			fmt.Sprintf("It counts for %d s, then a new one takes its place.", wholeSeconds(q.Expires.Sub(now))),
		}
	case TokenQuestion:
		return tokenWords(q)
	case EmailQuestion:
		return emailWords(q)
	case PaymentQuestion:
		return paymentWords(q)
	case NewPasswordQuestion:
		return newPasswordWords(q)
	case ChallengeQuestion:
		return challengeWords(q)
	}
	return nil
}

// challengeWords say whose token is wanted. People get one of reCAPTCHA from a page
// with Telegram's site key; the others are made for Telegram's own apps.
func challengeWords(q ChallengeQuestion) []string {
	lines := []string{"Telegram wants proof that no robot is at work."}
	if q.Refused != nil {
		lines = []string{"Telegram does not take this token."}
	}
	if q.Kind == ChallengeRecaptcha {
		lines = append(lines, fmt.Sprintf("It is a token of reCAPTCHA Enterprise, for the action %s with the site key %s.", q.Action, q.SiteKey))
	} else {
		lines = append(lines, fmt.Sprintf("It is one (%s) that only Telegram's own apps get, for the nonce %s.", q.Kind, q.Nonce))
	}
	return append(lines, "Type the token; to give up, q.")
}

func tokenWords(q TokenQuestion) []string {
	whose := "the bot's token, as BotFather tells it"
	if q.Web {
		whose = "the web token"
	}
	if q.Refused != nil {
		return []string{"Telegram does not take this token. Type " + whose + "."}
	}
	return []string{"Type " + whose + "."}
}

func emailWords(q EmailQuestion) []string {
	switch refused(q.Refused) {
	case "":
		return []string{"Telegram wants an e-mail address for this account, which it will send codes to."}
	case tg.ErrEmailNotAllowed:
		return []string{"Telegram does not take this address. Type another one."}
	}
	return []string{"Telegram could not verify this address. Type it once more, or another one."}
}

func paymentWords(q PaymentQuestion) (lines []string) {
	if q.Refused != nil {
		return []string{"Telegram does not know of the payment yet."}
	}
	lines = []string{fmt.Sprintf("A code for %s has to be paid for, in Telegram's own app (%s %s).", q.Phone, amount(q.Amount), q.Currency)}
	if q.SupportEmail != "" {
		lines = append(lines, "Telegram answers questions about it at "+q.SupportEmail+".")
	}
	return append(lines, "When it is paid type p; to give up, q.")
}

// amount is so many hundredths, as most currencies have them.
func amount(n int64) string { return fmt.Sprintf("%d.%02d", n/100, max(n%100, -(n%100))) }

func newPasswordWords(q NewPasswordQuestion) (lines []string) {
	switch refused(q.Refused) {
	case "":
	case tg.ErrEmailInvalid:
		lines = append(lines, "Telegram does not take this address.")
		if q.KeepsPassword {
			return append(lines, "The new password and its hint are kept.")
		}
	default:
		lines = append(lines, "Telegram does not take this password or its hint.")
	}
	if q.MaySkip {
		return append(lines, "Choose a new password, or type ! to have none.")
	}
	return append(lines, "Choose a new password.")
}

// resetWords say how to get rid of a login e-mail whose mailbox is lost.
func resetWords(q CodeQuestion, now time.Time) string {
	left := q.ResetAt.Sub(now)
	switch {
	case !resets(q):
		return ""
	case !q.ResetAt.IsZero() && left > 0:
		return fmt.Sprintf("The address will be taken away in %s: type e then.", roughly(left))
	case !q.ResetAt.IsZero():
		return "If the mailbox is lost, type e to have the address taken away."
	case q.ResetAfter == 0:
		return ""
	}
	return fmt.Sprintf("If the mailbox is lost, type e to have the address taken away, which takes %s.", roughly(q.ResetAfter))
}

// roughly is a length of time as people say it.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", (d+24*time.Hour-1)/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", (d+time.Hour-1)/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", (d+time.Minute-1)/time.Minute)
	}
	return fmt.Sprintf("%d s", wholeSeconds(d))
}

func wholeSeconds(d time.Duration) int64 { return int64(max(d, 0)+time.Second-1) / int64(time.Second) }
