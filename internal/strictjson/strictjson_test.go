package strictjson

import (
	"encoding/json"
	"strings"
	"testing"
)

type inner struct {
	Nth   int     `json:"nth,omitempty"`
	Delay float64 `json:"delay"`
}

type fields struct {
	inner
	Delay string `json:"delay"`
	Plain bool
	None  int `json:"-"`
}

func TestAnObjectIsReadToTheLetter(t *testing.T) {
	var f fields
	if err := Read([]byte(` {"nth":1,"delay":"2s","Plain":true} `), &f); err != nil || f.Nth != 1 || f.Delay != "2s" || !f.Plain {
		t.Errorf("got %+v, %v", f, err)
	}
	for text, want := range map[string]string{
		`{"NTH":1}`:                 `no field "NTH", want "nth"`,
		`{"plain":true}`:            `no field "plain", want "Plain"`,
		`{"nth":1,"nth":2}`:         "nth: got it twice",
		`{"nth":1,"other":2}`:       `no field "other"`,
		`{"None":1}`:                `no field "None"`,
		`{"nth":"one"}`:             "nth: got a JSON string",
		`{"nth":1}{}`:               "more behind the end",
		`{"nth":1`:                  "ends too early",
		``:                          "ends too early",
		`{"nth":}`:                  "not JSON at byte 8",
		`[1]`:                       "got a JSON array, want an object",
		"{\"nth\":1}\x00":           "more behind the end",
		`{"nth":1,"delay":2}`:       "delay: got a JSON number",
		`{"nth":1,"n\u0074h":1}`:    "nth: got it twice",
		`{"nth":1,"inner":{}}`:      `no field "inner"`,
		`{"delay":"","PLAIN":true}`: `no field "PLAIN"`,
	} {
		if err := Read([]byte(text), &fields{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// himself reads himself, and may have any names.
type himself struct{ Name string }

func (h *himself) UnmarshalJSON([]byte) error { h.Name = "read"; return nil }

func TestATypeThatReadsItselfDoes(t *testing.T) {
	var h himself
	if err := Read([]byte(`{"any":"thing"}`), &h); err != nil || h.Name != "read" {
		t.Errorf("got %+v, %v", h, err)
	}
}

func TestWhatIsNoObjectHasNoNames(t *testing.T) {
	var list []int
	if err := Read([]byte(`[1,2]`), &list); err != nil || len(list) != 2 {
		t.Errorf("got %v, %v", list, err)
	}
	if err := Read([]byte(`null`), &fields{}); err != nil {
		t.Error(err)
	}
}

func TestJSONIsUnicode(t *testing.T) {
	for text, want := range map[string]string{
		"{\"delay\":\"caf\xe9\"}":  "not UTF-8 at byte 14",
		`{"delay":"\ud83d"}`:       `half of a character, \ud83d, at byte 11`,
		`{"delay":"\udd11\ud83d"}`: `half of a character, \udd11, at byte 11`,
		`{"delay":"\ud83dx"}`:      "half of a character",
		`{"delay":"\\\ud83d"}`:     "half of a character",
		"\xff\xfe{\x00}\x00":       "got UTF-16",
		"\xfe\xff\x00{\x00}":       "got UTF-16",
		`{"nth":1,"\ud83d":2}`:     "half of a character",
	} {
		if err := Read([]byte(text), &fields{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		`{"delay":"\ud83d\udd11"}`: "🔑", `{"delay":"\\ud83d"}`: `\ud83d`, "\xef\xbb\xbf{\"delay\":\"é\"}": "é", `{"delay":"\u00e9\n"}`: "é\n",
	} {
		var f fields
		if err := Read([]byte(text), &f); err != nil || f.Delay != want {
			t.Errorf("%q: got %q, %v, want %q", text, f.Delay, err, want)
		}
	}
}

func TestANameIsThereOnceAtAnyDepth(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[{"b":1},{"b":1,"c":{"d":1,"d":2}}]}`: "a[1].c.d: got it twice",
		`[{"a":1,"a":2}]`: "[0].a: got it twice",
		`{"a":{},"a":[]}`: "a: got it twice",
	} {
		if err := Twice([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{`{"a":{"a":1},"b":["a","a",{"a":"b"}]}`, `[]`, `1`, `"a"`, `{`, ``, `{"a":"a","b":"a"}`} {
		if err := Twice([]byte(text)); err != nil {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte(`{"a":"\ud83d\udd11"}`))
	f.Add([]byte("\xef\xbb\xbf[1,{}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := Text(data)
		if err != nil {
			return
		}
		_ = Twice(text)
		var v any
		if json.Unmarshal(text, &v) == nil {
			again, err := json.Marshal(v)
			if _, bad := Text(again); err != nil || bad != nil {
				t.Errorf("%q: got %v, %v", data, err, bad)
			}
		}
	})
}
