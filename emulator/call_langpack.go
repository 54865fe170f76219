package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// The language packs of this server are English and empty: applications fall
// back on the strings that they were built with.
// https://core.telegram.org/api/translations

func english() *tg.LangPackLanguage {
	return &tg.LangPackLanguage{Official: true, Name: "English", NativeName: "English", LangCode: "en", PluralCode: "en"}
}

func emptyPack(code string, from int32) *tg.LangPackDifference {
	return &tg.LangPackDifference{LangCode: cut(code), FromVersion: from, Version: max(from, 1)}
}

// getLangPack answers langpack.getLangPack.
func getLangPack(_ *world, _ *caller, _ time.Time, q *tg.LangpackGetLangPack) (*tg.LangPackDifference, *refusal) {
	return emptyPack(q.LangCode, 0), nil
}

// getLangPackDifference answers langpack.getDifference.
func getLangPackDifference(_ *world, _ *caller, _ time.Time, q *tg.LangpackGetDifference) (*tg.LangPackDifference, *refusal) {
	return emptyPack(q.LangCode, q.FromVersion), nil
}

// getLangPackStrings answers langpack.getStrings: each key is said to have no
// translation, in the order of the question.
func getLangPackStrings(_ *world, _ *caller, _ time.Time, q *tg.LangpackGetStrings) ([]tg.AnyLangPackString, *refusal) {
	list := make([]tg.AnyLangPackString, len(q.Keys))
	for i, key := range q.Keys {
		list[i] = &tg.LangPackStringDeleted{Key: key}
	}
	return list, nil
}

// getLanguages answers langpack.getLanguages.
func getLanguages(_ *world, _ *caller, _ time.Time, _ *tg.LangpackGetLanguages) ([]*tg.LangPackLanguage, *refusal) {
	return []*tg.LangPackLanguage{english()}, nil
}

// getLanguage answers langpack.getLanguage.
func getLanguage(_ *world, _ *caller, _ time.Time, _ *tg.LangpackGetLanguage) (*tg.LangPackLanguage, *refusal) {
	return english(), nil
}
