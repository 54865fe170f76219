package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns the JSON in data, which may begin with a byte order mark. JSON is
// Unicode: the standard library puts U+FFFD for bytes that are not UTF-8 and for
// halves of characters, and a password that was changed so opens nothing. Here they
// are errors, and so is UTF-16.
//
// https://www.rfc-editor.org/rfc/rfc8259#section-8
func Text(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, errors.New("got UTF-16, want UTF-8: save the text as UTF-8")
	}
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			return nil, fmt.Errorf("got a byte that is not UTF-8 at byte %d: save the text as UTF-8", at+1)
		case r == '\\':
			escaped, err := escape(text, at)
			if err != nil {
				return nil, err
			}
			size = escaped
		}
		at += size
	}
	return text, nil
}

// escape returns the length of the escape at a backslash. Of \u it checks that the
// halves of characters come in pairs.
func escape(text []byte, at int) (int, error) {
	first, ok := unit(text, at)
	switch {
	case !ok:
		return 2, nil
	case !utf16.IsSurrogate(first):
		return 6, nil
	}
	second, _ := unit(text, at+6)
	if utf16.DecodeRune(first, second) == utf8.RuneError {
		return 0, fmt.Errorf("got half of a character, %s, at byte %d, want both halves or neither", text[at:at+6], at+1)
	}
	return 12, nil
}

// unit reads \uXXXX.
func unit(text []byte, at int) (rune, bool) {
	if len(text) < at+6 || text[at] != '\\' || text[at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[at+2:at+6]), 16, 16)
	return rune(n), err == nil
}

// level is an object or an array that is being read.
type level struct {
	names map[string]bool // of an object; nil: this is an array
	name  string          // of the value that comes
	index int             // of the item that comes
	value bool            // in an object: a value comes, not a name
}

// Twice looks for an object, at any depth, that has a name twice, of which the
// standard library keeps the last; text is known to be JSON. The error says where.
func Twice(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var levels []level
	for {
		token, err := dec.Token()
		if err != nil {
			return nil // the end, or no JSON, which is told better elsewhere
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:len(levels)-1]
			if len(levels) == 0 {
				return nil
			}
			levels[len(levels)-1].next()
			continue
		}
		if name, ok := token.(string); ok && len(levels) > 0 && levels[len(levels)-1].wantsName() {
			l := &levels[len(levels)-1]
			if l.name, l.value = name, true; l.names[name] {
				return fmt.Errorf("%s: got it twice", path(levels))
			}
			l.names[name] = true
			continue
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		default:
			if len(levels) == 0 {
				return nil
			}
			levels[len(levels)-1].next()
		}
	}
}

func (l *level) wantsName() bool { return l.names != nil && !l.value }

// next goes on behind a value.
func (l *level) next() { l.value, l.index = false, l.index+1 }

// path says where in the text a name is.
func path(levels []level) string {
	var b strings.Builder
	for _, l := range levels {
		if l.names == nil {
			fmt.Fprintf(&b, "[%d]", l.index)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strings.ToValidUTF8(l.name, "�"))
	}
	return b.String()
}
