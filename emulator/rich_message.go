package emulator

import (
	"strings"

	"github.com/telekey/telekey/tg"
)

// firstRich is the first layer in which a message may be rich.
// https://core.telegram.org/constructor/message
const firstRich = 227

// richMessage writes text in blocks, a paragraph for each line, with numbers in
// bold.
// https://core.telegram.org/constructor/richMessage
func richMessage(text string) *tg.RichMessage {
	m := &tg.RichMessage{Blocks: []tg.AnyPageBlock{}, Photos: []tg.AnyPhoto{}, Documents: []tg.AnyDocument{}}
	for line := range strings.Lines(text) {
		m.Blocks = append(m.Blocks, &tg.PageBlockParagraph{Text: richLine(strings.TrimSuffix(line, "\n"))})
	}
	return m
}

func richLine(line string) tg.AnyRichText {
	var texts []tg.AnyRichText
	for line != "" {
		isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
		end := strings.IndexFunc(line, func(r rune) bool { return !isDigit(r) })
		bold := end != 0
		if !bold {
			end = strings.IndexFunc(line, isDigit)
		}
		if end < 0 {
			end = len(line)
		}
		var text tg.AnyRichText = &tg.TextPlain{Text: line[:end]}
		if bold {
			text = &tg.TextBold{Text: text}
		}
		texts, line = append(texts, text), line[end:]
	}
	return &tg.TextConcat{Texts: texts}
}

// form returns m as a client with the key is sent it. A rich message has its words
// in its blocks alone, which is inferred from the fields; clients of older layers
// get the words as plain text, and the view of their layer leaves the blocks out.
func (k *authKey) form(m *tg.Message) *tg.Message {
	if m.RichMessage == nil || k.layer != 0 && k.layer < firstRich {
		return m
	}
	rich := *m
	rich.Message = ""
	return &rich
}
