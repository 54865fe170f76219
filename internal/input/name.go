package input

import "unicode"

// NameIsBlank reports whether nothing of a name shows: it has only blanks, marks and
// characters that are drawn as nothing. TDLib takes such a name for an empty one,
// which lets infer that a server refuses it (clean_name in td/telegram/misc.cpp).
func NameIsBlank(name string) bool {
	for _, r := range name {
		if !undrawn(r) {
			return false
		}
	}
	return true
}

// undrawn reports whether r leaves no ink: U+2800 is a braille pattern without dots,
// U+FFFC stands for an object that is missing.
func undrawn(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.Is(unicode.Zs, r) || r == '\u2800' || r == '\ufffc' ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
