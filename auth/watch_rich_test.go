package auth_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

func words(text string) tg.AnyRichText { return &tg.TextPlain{Text: text} }

func paragraph(texts ...tg.AnyRichText) tg.AnyPageBlock {
	return &tg.PageBlockParagraph{Text: &tg.TextConcat{Texts: texts}}
}

// richLetter is a rich message of Telegram's: its text is in its blocks alone.
func richLetter(id int32, blocks ...tg.AnyPageBlock) tg.AnyUpdates {
	m := letter(id, "")
	m.RichMessage = &tg.RichMessage{Blocks: blocks}
	return short(&tg.UpdateNewMessage{Message: m, Pts: id, PtsCount: 1})
}

// https://core.telegram.org/constructor/richMessage
func TestACodeInARichMessageIsToldOfAndInvalidated(t *testing.T) {
	for name, blocks := range map[string][]tg.AnyPageBlock{
		"in bold":           {paragraph(words("Login code: "), &tg.TextBold{Text: words("73519")}, words(". Give it to nobody."))},
		"half in bold":      {paragraph(words("Login code: 73"), &tg.TextBold{Text: words("519")})},
		"with dashes":       {paragraph(words("7"), &tg.TextItalic{Text: words("-35-")}, words("19"))},
		"in a line":         {paragraph(words("24")), paragraph(words("73519")), paragraph(words("7"))},
		"in a heading":      {&tg.PageBlockHeading1{Text: words("73519")}, paragraph(words("is the code of 2026"))},
		"in a quotation":    {&tg.PageBlockBlockquoteBlocks{Blocks: []tg.AnyPageBlock{paragraph(words("73519"))}, Caption: &tg.TextEmpty{}}},
		"in a preformatted": {&tg.PageBlockPreformatted{Text: words("73519"), Language: "12345"}},
		"in a list":         {&tg.PageBlockList{Items: []tg.AnyPageListItem{&tg.PageListItemText{Text: words("1")}, &tg.PageListItemText{Text: words("73519")}}}},
		"in a table": {&tg.PageBlockTable{Title: words("9"), Rows: []*tg.PageTableRow{{Cells: []*tg.PageTableCell{
			{Text: words("1")}, {Text: words("73519")}}}}}},
		"in a link": {paragraph(&tg.TextURL{URL: "https://t.me/54321", Text: words("73519")})},
	} {
		synctest.Test(t, func(t *testing.T) {
			var invalidated []string
			c := newDesk(map[string][]any{
				"updates.getState": {state(1)},
				"account.invalidateSignInCodes": {func(m any) any {
					invalidated = m.(*tg.AccountInvalidateSignInCodes).Codes
					return true
				}},
			})
			got := watched(t, c, func() {
				c.push(richLetter(7, blocks...))
				c.push(richLetter(8, paragraph(words("New login on 2026-01-02, 192.0.2.7")))) // no code
			})
			if len(got) != 1 {
				t.Fatalf("%s: got %v, want one code", name, got)
			}
			if err := got[0].(auth.CodeSent).Invalidate(t.Context()); err != nil || fmt.Sprint(invalidated) != "[73519]" {
				t.Errorf("%s: got %v, %v, want the code invalidated", name, invalidated, err)
			}
		})
	}
}

func TestARichMessageNamesTheDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newDesk(map[string][]any{"updates.getState": {state(1)}})
		got := watched(t, c, func() {
			c.push(richLetter(7, paragraph(words("Login code: 73519")), paragraph(&tg.TextBold{Text: words("Device:")}, words(" Firefox"))))
		})
		if len(got) != 1 || got[0].(auth.CodeSent).Device != "Firefox" {
			t.Errorf("got %+v, want the code and its device", got)
		}
	})
}
