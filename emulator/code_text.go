package emulator

import (
	"fmt"
	"strings"
	"unicode"
)

// callerPrefix begins every number that calls to be a code: one of a range that
// belongs to nobody.
const callerPrefix = "447700900"

// codeWords are what codes of words are made of.
var codeWords = []string{
	"amber", "basket", "candle", "dolphin", "engine", "feather", "garden", "hammer",
	"island", "jacket", "kettle", "lantern", "meadow", "needle", "orchard", "pepper",
}

// newCode draws a code for phone, in the form of a channel. The digits of a test
// number's are known to everyone.
// https://core.telegram.org/api/auth#test-accounts
func (w *world) newCode(phone phoneNumber, c Channel) string {
	digits := fmt.Sprintf("%05d", uint64(w.random64())%100_000)
	if x := phone.testCentre(); x != 0 {
		digits = strings.Repeat(string(rune('0'+x)), codeLength)
	}
	switch c {
	case FlashCall:
		return callerPrefix + digits
	case Word:
		return w.newWord()
	case Phrase:
		return w.newWord() + " " + w.newWord() + " " + w.newWord()
	case Email:
		return w.newMailCode()
	}
	return digits
}

func (w *world) newWord() string { return codeWords[uint64(w.random64())%uint64(len(codeWords))] }

// beginning is what a client may show of a code of words: its first letter, or
// its first word.
// https://core.telegram.org/constructor/auth.sentCodeTypeSmsPhrase
func beginning(c Channel, code string) string {
	if c == Word {
		return code[:1]
	}
	first, _, _ := strings.Cut(code, " ")
	return first
}

// isCode says whether text is the code that went out on channel c: to the letter,
// except for how words and numbers may be written.
func isCode(c Channel, text, code string) bool {
	switch c {
	case FlashCall:
		text = strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, text)
	case Word, Phrase:
		text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	}
	return text == code
}
