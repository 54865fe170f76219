package input_test

import (
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/telekey/telekey/internal/input"
)

func TestANumberIsReadAsPeopleWriteIt(t *testing.T) {
	for given, want := range map[string]string{
		"+9996620001":                     "9996620001",
		" +999 (66) 2-00.01\n":            "9996620001",
		"00 999 662 0001":                 "9996620001",
		"+999\u00a066\u202f2\u20110001":   "9996620001",
		"\ufeff\u202a+9996620001\u202c":   "9996620001",
		"\u200e+999\u2212662/0001":        "9996620001",
		"\uff0b\uff19\uff19\uff19 662 00": "99966200",
		"٩٩٩٦٦٢٠٠٠١":                      "9996620001",
		"+۹۹۹۶۶۲۰۰۰۱":                     "9996620001",
		"+999662000۱":                     "9996620001",
		"𝟗𝟡𝟫𝟵𝟿66":                         "9999966",
		"+44 (20) 7946 (00)":              "4420794600",
		"42777":                           "42777",
		" 9996620001":                     "9996620001", // a + in a query
	} {
		if got, err := input.Number(given); got != want || err != nil {
			t.Errorf("%+q: got %q, %v, want %s", given, got, err, want)
		}
	}
}

func TestWhatIsNoNumberIsNamed(t *testing.T) {
	for given, want := range map[string]string{
		"999662000l":             `'l' (U+006C) at place 10`,
		"+99966²0001":            `'²' (U+00B2) at place 7`,
		"+9996620001 ext. 5":     `'e' (U+0065) at place 13`,
		"+9996620001\n+99966":    "U+000A at place 12",
		"99+96620001":            `'+' (U+002B) at place 3`,
		"++9996620001":           `'+' (U+002B) at place 2`,
		"+9996620001\xff":        "U+FFFD",
		"0999662":                "no country code begins with 0",
		"+0099966200":            "no country code begins with 0",
		"0009996620001":          "no country code begins with 0",
		"+44 (0)20 7946 0000":    "without: this 0",
		"+44 [0]20 7946 0000":    "without: this 0",
		"+44 ( 0 ) 20 79460":     "without: this 0",
		"+98 (۰)21 1234":         "without: this 0",
		"+44 \uff080\uff0920 79": "without: this 0",
		"":                       "without a digit",
		"+ - ":                   "without a digit",
		"9996620001999662":       "16 digits, want at most 15",
	} {
		if got, err := input.Number(given); got != "" || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+q: got %q, %v, want an error with %s", given, got, err, want)
		}
	}
}

// The value of a digit is its distance from the start of a run of ten.
func TestDigitsOfAllScriptsComeInTens(t *testing.T) {
	runs := 0
	check := func(lo, hi, stride rune) {
		if runs++; (hi-lo+1)%10 != 0 || stride != 1 {
			t.Errorf("%U to %U, every %d: not in tens", lo, hi, stride)
		}
		for r := lo; r <= hi; r++ {
			if got, want := input.Code(string(r)), string('0'+(r-lo)%10); got != want {
				t.Errorf("%U: got %s, want %s", r, got, want)
			}
		}
	}
	for _, r := range unicode.Nd.R16 {
		check(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range unicode.Nd.R32 {
		check(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	if runs < 30 {
		t.Errorf("got %d runs of digits, want all of Unicode's", runs)
	}
}

func TestACodeLosesNoDigitAndNoLetter(t *testing.T) {
	for given, want := range map[string]string{
		"22222": "22222", "22 222": "22222", "138-390": "138390", " 138\u00a0390\r\n": "138390",
		"٢٢٢٢٢": "22222", "۲۲222": "22222", "２２２２２": "22222", "\ufeff22222": "22222", "+7 900 123-45-67": "79001234567",
		"ab-12": "ab-12", " apple pie ": "apple pie", "2222x": "2222x", "": "", " - ": "-", "1²": "1²",
	} {
		if got := input.Code(given); got != want {
			t.Errorf("%+q: got %+q, want %+q", given, got, want)
		}
	}
}

func TestAnApplicationsIDHas32Bits(t *testing.T) {
	for given, want := range map[string]int{"12345": 12345, "010": 10, " 12345\n": 12345, "2147483647": 2147483647, "۱۲۳": 123, "１２3": 123} {
		if got, err := input.AppID(given); got != want || err != nil {
			t.Errorf("%q: got %d, %v, want %d", given, got, err, want)
		}
	}
	for _, given := range []string{"", "0", "-5", "2147483648", "6718325900", "4294967297", "0x10", "1e3", "99999999999999999999", "12 345"} {
		if _, err := input.AppID(given); err == nil || !strings.Contains(err.Error(), "want 1 to 2147483647") {
			t.Errorf("%q: got %v, want what was given and what is wanted", given, err)
		}
	}
}

func utf16(order, text string) string {
	out := map[string]string{"LE": "\xff\xfe", "BE": "\xfe\xff"}[order]
	for _, r := range text {
		pair := []byte{byte(r), byte(r >> 8)}
		if order == "BE" {
			pair[0], pair[1] = pair[1], pair[0]
		}
		out += string(pair)
	}
	return out
}

func TestABOMIsEncodingAndNotText(t *testing.T) {
	const want = "correct  hörse "
	for name, text := range map[string]string{
		"plain":       want + "\nmore",
		"CR LF":       want + "\r\n",
		"no line end": want,
		"BOM":         "\xef\xbb\xbf" + want + "\r\n",
		"UTF-16LE":    utf16("LE", want+"\r\nmore"),
		"UTF-16BE":    utf16("BE", want+"\n"),
	} {
		lines := input.NewLines(iotest.OneByteReader(strings.NewReader(text)), 4096)
		if got, err := lines.Next(); string(got) != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestEveryLineIsRead(t *testing.T) {
	lines := input.NewLines(strings.NewReader("\xef\xbb\xbf11111\r\n\n\xf0\x9f\x94\x91"), 10)
	for _, want := range []string{"11111", "", "🔑"} {
		if got, err := lines.Next(); string(got) != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if _, err := lines.Next(); err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
	if got, err := input.NewLines(strings.NewReader("\xff\xfe\x3d\xd8\x11\xdd"), 10).Next(); string(got) != "🔑" || err != nil {
		t.Errorf("got %q, %v, want a character of two units", got, err)
	}
}

func TestALineThatIsNoTextIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"Latin-1":              "caf\xe9\n",
		"UTF-16 without a BOM": "a\x00b\x00\n\x00",
		"half a pair":          "\xff\xfe\x3d\xd8\x41\x00",
		"half a unit":          "\xff\xfea\x00b",
		"too long":             strings.Repeat("a", 4098) + "\n",
	} {
		got, err := input.NewLines(strings.NewReader(text), 4096).Next()
		if err == nil || strings.Contains(err.Error(), "caf") {
			t.Errorf("%s: got %q, %v, want an error that does not have the line", name, got, err)
		}
	}
}

func TestALoginLinkIsReadInEveryForm(t *testing.T) {
	token := []byte("\xfb\xff\xfe?>token of a length that wants padding")
	safe, std := base64.URLEncoding.EncodeToString(token), base64.StdEncoding.EncodeToString(token)
	raw := base64.RawURLEncoding.EncodeToString(token)
	escaped := strings.NewReplacer("/", "%2F", "+", "%2B", "=", "%3D").Replace(std)
	for _, link := range []string{
		"tg://login?token=" + raw, "tg://login?token=" + safe, "tg://login?token=" + std, "tg://login?token=" + escaped,
		"TG://LOGIN?token=" + raw, "tg://login/?token=" + raw, "tg:login?token=" + raw, "tg://login?token=" + raw + "&x=1", "tg://login?x=1&token=" + raw,
		"tg://login?token=" + raw + "#fragment", " \ufefftg://login?token=" + raw + "\r\n", "tg://login?token=" + raw[:20] + "\n" + raw[20:],
		raw, safe, std,
	} {
		if got, err := input.LoginToken(link); string(got) != string(token) || err != nil {
			t.Errorf("%q: got %q, %v", link, got, err)
		}
	}
	for _, link := range []string{
		"", "tg://login", "tg://login?token=", "tg://login?token=" + raw + "&token=" + raw, "https://t.me/login?token=" + raw, "tg://user@login?token=" + raw,
		"tg://login/other?token=" + raw, "tg://login?code=12345", "tg://login?token=%zz", "tg://login?token=a", "tg://login?token=" + strings.Repeat("A", 2000), "https://evil.example/?token=" + raw,
	} {
		if got, err := input.LoginToken(link); err == nil || strings.Contains(err.Error(), raw) {
			t.Errorf("%q: got %q, %v, want an error without the token", link, got, err)
		}
	}
}

func TestAConfirmationLinkIsReadInEveryForm(t *testing.T) {
	for _, link := range []string{
		"tg://confirmphone?phone=9996620001&hash=Aa1", "tg:confirmphone?hash=Aa1&phone=%2B9996620001", "TG://ConfirmPhone/?phone=+9996620001&hash=Aa1",
		"https://t.me/confirmphone?phone=9996620001&hash=Aa1", "http://telegram.me/confirmphone?phone=9996620001&hash=Aa1",
		"t.me/confirmphone?phone=9996620001&hash=Aa1", "https://telegram.dog/confirmphone/?phone=9996620001&hash=Aa1#x",
	} {
		if phone, hash, err := input.ConfirmLink(link); phone != "9996620001" || hash != "Aa1" || err != nil {
			t.Errorf("%s: got %q, %q, %v", link, phone, hash, err)
		}
	}
	for _, link := range []string{
		"", "tg://confirmphone", "tg://confirmphone?phone=9996620001", "tg://confirmphone?phone=999662000l&hash=Aa1", "tg://login?phone=9996620001&hash=Aa1",
		"https://evil.example/confirmphone?phone=9996620001&hash=Aa1", "tg://confirmphone?phone=9996620001&hash=Aa1&hash=Aa2",
	} {
		if phone, hash, err := input.ConfirmLink(link); err == nil || strings.Contains(err.Error(), "Aa1") {
			t.Errorf("%s: got %q, %q, %v, want an error without the hash", link, phone, hash, err)
		}
	}
}

func TestANameThatDoesNotShowIsBlank(t *testing.T) {
	for _, name := range []string{"", " ", "\u00a0", "\u202e", "\u200b", "\u200d\u200c", "\ufeff", "\u2800", "\u3164", "\u115f", "\ufe0f", "\U000e0041", "\u00ad\t"} {
		if !input.NameIsBlank(name) {
			t.Errorf("%+q: got a name, want a blank", name)
		}
	}
	for _, name := range []string{"Ann", "می\u200cخواهم", "👨\u200d👩", ".", "\u202eAnn"} {
		if input.NameIsBlank(name) {
			t.Errorf("%+q: got a blank, want a name", name)
		}
	}
}

func FuzzInput(f *testing.F) {
	for _, seed := range []string{"+999 662-0001", "٩٩٩٦٦", "tg://login?token=AQID", "tg:confirmphone?phone=99966&hash=a", "\xff\xfea\x00\n\x00", "\xef\xbb\xbfpass", "138 390", "12345"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := input.Number(s); err == nil {
			if again, err := input.Number(n); again != n || err != nil || strings.Trim(n, "0123456789") != "" {
				t.Errorf("%q: got %q and then %q, %v", s, n, again, err)
			}
		}
		if c := input.Code(s); input.Code(c) != c {
			t.Errorf("%q: got %q and then %q", s, c, input.Code(c))
		}
		if token, err := input.LoginToken(s); err == nil && len(token) == 0 {
			t.Errorf("%q: got no token and no error", s)
		}
		if phone, hash, err := input.ConfirmLink(s); err == nil && (phone == "" || hash == "") {
			t.Errorf("%q: got %q, %q and no error", s, phone, hash)
		}
		if id, err := input.AppID(s); err == nil && id < 1 {
			t.Errorf("%q: got %d and no error", s, id)
		}
		for lines := input.NewLines(strings.NewReader(s), 64); ; {
			line, err := lines.Next()
			if err != nil {
				break
			}
			if len(line) > 64+4 {
				t.Errorf("%q: got a line of %d bytes", s, len(line))
			}
		}
	})
}
