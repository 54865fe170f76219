package auth

import (
	"strings"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// wordsOf is the text of a message. A rich message has it in its blocks.
//
// https://core.telegram.org/constructor/message
func wordsOf(m *tg.Message) string {
	if m.RichMessage == nil {
		return m.Message
	}
	b, err := tg.Schema.Append(nil, m.RichMessage)
	if err != nil {
		return m.Message
	}
	t := richTexts{}
	t.value(tg.Schema.ReadValue(tl.NewReader(b), tl.Type{Kind: tl.KindUnion, Name: "RichMessage"}))
	return m.Message + "\n" + t.String()
}

// richTexts collects the plain texts of a value in their order. The texts of one
// block follow each other without a break, whatever their styles: a code may be
// half in bold. A block, a cell and an item of a list end a line.
type richTexts struct{ strings.Builder }

func (t *richTexts) value(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			t.value(item)
		}
	case tl.Map:
		t.constructor(v)
	}
}

// constructor goes through the fields in the order of the schema; a map has none.
func (t *richTexts) constructor(m tl.Map) {
	name, _ := m["_"].(string)
	d, err := tg.Schema.Lookup(name)
	if err != nil || d == nil {
		return
	}
	// https://core.telegram.org/type/RichText
	if text, ok := m["text"].(string); ok && name == "textPlain" {
		t.WriteString(text)
	}
	for _, p := range d.Params {
		t.value(m[p.Name])
	}
	if d.Result.Name != "RichText" {
		t.WriteByte('\n')
	}
}
