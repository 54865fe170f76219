package tltext

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"

	"github.com/telekey/telekey/tl"
)

// Unchecked are the definitions whose number is not the CRC32 of their text, each
// with the reason.
var Unchecked = map[string]string{
	"ipPortSecret":      "a number that Telegram chose: it is in the configuration that clients fetch by DNS",
	"accessPointRule":   "a number that Telegram chose, in the same configuration",
	"help.configSimple": "a number that Telegram chose, in the same configuration",

	"inputPeerPhotoFileLocationLegacy": "an older form under a new name: its number is of the old text",
	"inputStickerSetThumbLegacy":       "an older form under a new name: its number is of the old text",
}

var (
	number   = regexp.MustCompile(`#[0-9a-f]+`)
	bit      = regexp.MustCompile(` \w+:\w+\.\d+\?true`)
	spelling = strings.NewReplacer(
		"<", " ", ">", "", ";", "", "{", "", "}", "", "%", "",
		":bytes ", ":string ", "?bytes ", "?string ")
)

// Check checks that d has the number of its text: the CRC32 of the definition
// without punctuation and without the bits of flags, with bytes called string.
//
// https://core.telegram.org/mtproto/TL-formal
func Check(d *tl.Definition) error {
	if Unchecked[d.Name] != "" {
		return nil
	}
	head, rest, _ := strings.Cut(d.String(), " ")
	text := number.ReplaceAllString(head, "") + bit.ReplaceAllString(" "+rest, "")
	if want := crc32.ChecksumIEEE([]byte(spelling.Replace(text))); d.ID != want {
		return fmt.Errorf("%s: got number %x, want %x, the CRC32 of its text: %.200s", d.Name, d.ID, want, d)
	}
	return nil
}
