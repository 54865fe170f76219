package display

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

// What terminals obey: escape sequences, C1 (U+009B is CSI), DEL, bidi controls, tags.
const obeyed = "\x1b[2J\u009b31m\x7f\u202e\u2066\u061c\u200f\U000e0041\x00\r"

func TestWordsKeepToOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"a hint\nCode: 12345":                 "a hint Code: 12345",
		"a\tb\r\nc\vd\fe\u0085f\u2028g":       "a b  c d e f g",
		"x" + obeyed + "y":                    "x[2J31m y",
		"Åse 李 \u00a0 👩\u200d💻 می\u200cخواهم": "Åse 李 \u00a0 👩\u200d💻 می\u200cخواهم",
	} {
		if got := Line(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTermsKeepTheirLines(t *testing.T) {
	if got, want := Lines("one\r\ntwo\x1b[2J\n\u202ethree"), "one\ntwo[2J\nthree"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestJSONIsTheSameAndHasNoControls(t *testing.T) {
	for _, s := range []string{obeyed, "plain", "Åse 👩\u200d💻", "\u0080\u009f\ue000\U000f0000\u2029"} {
		b, err := json.Marshal(map[string]string{"v": s})
		if err != nil {
			t.Fatal(err)
		}
		got := JSON(b)
		if i := strings.IndexFunc(string(got), func(r rune) bool { return !unicode.IsPrint(r) && r != '\u200d' }); i >= 0 {
			t.Errorf("got %q, want no %q in it", got, got[i:i+1])
		}
		var back map[string]string
		if err := json.Unmarshal(got, &back); err != nil || back["v"] != s {
			t.Errorf("got %q, %v, want %q", back["v"], err, s)
		}
	}
}
