package tltext

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
)

const text = `// A schema.
boolTrue#997275b5 = Bool;
vector#1cb5c415 {t:Type} # [ t ] = Vector t;

auth.sentCode#5e002502 flags:# type:auth.SentCodeType phone_code_hash:string next_type:flags.1?auth.CodeType timeout:flags.2?int = auth.SentCode;
passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow#3a912d4a salt1:bytes salt2:bytes g:int p:bytes = PasswordKdfAlgo; // a word
---functions---
invokeWithApnsSecret#0dae54f8 {X:Type} nonce:string secret:string query:!X = X;
langpack.getStrings#efea3803 lang_pack:string lang_code:string keys:Vector<string> = Vector<LangPackString>;
// LAYER 999
`

func TestASchemaIsReadWithItsLayer(t *testing.T) {
	s, err := Read(text)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range s.Definitions {
		if d.Function {
			names = append(names, "function "+d.Name)
		} else {
			names = append(names, d.Name)
		}
	}
	want := "auth.sentCode passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow function invokeWithApnsSecret function langpack.getStrings"
	if got := strings.Join(names, " "); got != want || s.Layer != 999 {
		t.Errorf("got %s in layer %d, want %s in layer 999", got, s.Layer, want)
	}
}

func TestAMistakeInASchemaIsNamedWithItsLine(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"#5e002502", "#5e002503", "line 5: auth.sentCode: got number 5e002503, want 5e002502"},
		{"next_type:flags.1?auth.CodeType timeout:flags.2?int", "timeout:flags.2?int next_type:flags.1?auth.CodeType", "line 5: auth.sentCode: got number 5e002502"},
		{"salt2:bytes", "salt2:long", "line 6: passwordKdfAlgo"},
		{" = X;", " = X", "line 8:"},
		{"timeout:flags.2?int", "timeout:flags9.2?int", "line 5:"},
		{"---functions---", "passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow#3a912d4a salt1:bytes salt2:bytes g:int p:bytes = PasswordKdfAlgo;", "line 7: got a second definition"},
	} {
		if _, err := Read(strings.Replace(text, c.from, c.to, 1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: got error %v, want one with %q", c.to, c.from, err, c.want)
		}
	}
}

func TestEveryDefinitionOfTheAPIHasTheNumberOfItsText(t *testing.T) {
	all, err := tg.Schema.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if err := Check(d); err != nil {
			t.Error(err)
		}
	}
	if len(all) < 2000 {
		t.Errorf("got %d definitions, want the whole API", len(all))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(text)
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := Read(text); err == nil && s == nil {
			t.Error("got neither a schema nor an error")
		}
	})
}
