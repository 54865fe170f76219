package emulator

import (
	"fmt"
	"strings"
	"time"
)

// emailAddress is an e-mail address in its one form here: lower case.
type emailAddress string

// maxEmail is the length of the longest address that can be written to.
// https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3
const maxEmail = 254

// parseEmail takes what could be an address: something, one @, and a name with a
// dot in it. Whether it exists shows when its owner types in the code.
func parseEmail(s string) (emailAddress, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(s, "@")
	switch {
	case !ok, len(s) > maxEmail, local == "", strings.Contains(domain, "@"):
		return "", false
	case strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }):
		return "", false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" {
			return "", false
		}
	}
	return emailAddress(s), strings.Contains(domain, ".")
}

// pattern is an address as someone is shown it who may not know it: its ends and
// its domain.
// https://core.telegram.org/constructor/auth.passwordRecovery
func (e emailAddress) pattern() string {
	local, domain, _ := strings.Cut(string(e), "@")
	if len(local) < 3 {
		return local[:1] + "***@" + domain
	}
	return local[:1] + "***" + local[len(local)-1:] + "@" + domain
}

// mailLength is how many digits a code has that goes to a mailbox.
const mailLength = 6

// mailCode is a code on its way to a mailbox: who types it in reads what comes
// there. A nil one is none.
type mailCode struct {
	address emailAddress
	sent    Code
	wrong   int
	lost    bool // it did not arrive
}

// mailPurpose is what a key wants to know a mailbox for.
type mailPurpose int

const (
	mailRecovery mailPurpose = iota // the password is forgotten
	mailLogin                       // codes are to come there from now on
	mailPassport                    // to show to others
	mailPurposes
)

// mailTo sends a code to a mailbox, on behalf of the owner of phone.
func (w *world) mailTo(now time.Time, phone phoneNumber, address emailAddress) *mailCode {
	m := &mailCode{address: address}
	m.sent, m.lost = w.sendOut(now, Code{
		Phone: phone.String(), Code: w.newMailCode(), Channel: Email, Email: string(address),
	})
	return m
}

func (w *world) newMailCode() string { return fmt.Sprintf("%06d", uint64(w.random64())%1_000_000) }

// open says whether m may be typed in.
func (m *mailCode) open(now time.Time) bool {
	return m != nil && m.wrong < maxWrongCodes && now.Before(m.sent.ExpiresAt)
}

// fits tries a code on m, which must be open.
func (m *mailCode) fits(code string) bool {
	if strings.TrimSpace(code) == m.sent.Code {
		return true
	}
	m.wrong++
	return false
}

// mailCodes are the codes that the owner of k may find in a mailbox.
func (k *authKey) mailCodes() (codes []*mailCode) {
	for _, m := range k.mails {
		if m != nil {
			codes = append(codes, m)
		}
	}
	return codes
}

// checkEmail checks a field that may hold an address.
func checkEmail(field, address string) error {
	if _, ok := parseEmail(address); address != "" && !ok {
		return fmt.Errorf("%s: got %q, want an address, ann@example.com for instance", field, cut(address))
	}
	return nil
}
