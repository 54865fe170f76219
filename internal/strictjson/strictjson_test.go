package strictjson

import (
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
