package tl

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/telekey/telekey/internal/display"
	"github.com/telekey/telekey/internal/strictjson"
)

// maxExact is the largest whole number that every JSON reader keeps: beyond
// 2^53 many of them round, so such longs are written as strings.
const maxExact = 1 << 53

// AppendJSON appends a value as [Schema.ReadValue] returns it. An int or a long
// is a number, a long beyond ±2^53 a string of digits; bytes are base64; a
// vector is an array; a Map is an object with "_" among its keys. Unprintable
// characters are escaped, so that a terminal can show the text.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	plain, err := plainJSON(v, 0)
	if err != nil {
		return dst, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain); err != nil {
		return dst, err
	}
	return append(dst, display.JSON(bytes.TrimSuffix(b.Bytes(), []byte("\n")))...), nil
}

// plainJSON turns v into what encoding/json writes as wanted.
func plainJSON(v any, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, ErrNested
	}
	switch v := v.(type) {
	case int64:
		if v > maxExact || v < -maxExact {
			return strconv.FormatInt(v, 10), nil
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) { // JSON has no number for these
			return strconv.FormatFloat(v, 'g', -1, 64), nil
		}
	case Raw:
		return []byte(v), nil
	case []any:
		items := make([]any, len(v))
		for i := range v {
			var err error
			if items[i], err = plainJSON(v[i], depth+1); err != nil {
				return nil, err
			}
		}
		return items, nil
	case Map:
		object := make(map[string]any, len(v))
		for key, value := range v {
			var err error
			if object[key], err = plainJSON(value, depth+1); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return v, nil
}

// ParseJSON reads the fields of the constructor or method called name from a
// JSON object, in the forms that AppendJSON writes, and returns them as a Map.
// A long may be a number or a string of digits; an empty text means {}.
func (s *Schema) ParseJSON(name string, text []byte) (Map, error) {
	d, err := s.Lookup(name)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, fmt.Errorf("got the name %q, want one that the schema has", name)
	}
	object := map[string]any{}
	text, err = strictjson.Text(text)
	if err != nil {
		return nil, fmt.Errorf("the parameters of %s: %w", name, err)
	}
	if len(bytes.TrimSpace(text)) > 0 {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&object); err != nil {
			return nil, fmt.Errorf("the parameters of %s are no JSON object: %w", name, err)
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("the parameters of %s go on after the JSON object", name)
		}
		if err := strictjson.Twice(text); err != nil {
			return nil, fmt.Errorf("%s.%w", name, err)
		}
	}
	return s.fieldsFromJSON(d, object, 0)
}

func (s *Schema) fieldsFromJSON(d *Definition, object map[string]any, depth int) (Map, error) {
	m := make(Map, len(object)+1)
	for key, v := range object {
		m[key] = v // what d does not know is refused below
	}
	if name, given := object["_"]; given && name != d.Name {
		return nil, fmt.Errorf(`"_" says %v, want %s`, name, d.Name)
	}
	m["_"] = d.Name
	if err := noOthers(d, m); err != nil {
		return nil, err
	}
	for _, p := range d.Params {
		v, ok := object[p.Name]
		if !ok || v == nil {
			delete(m, p.Name)
			continue
		}
		var err error
		if m[p.Name], err = s.fromJSON(p.Type, v, depth+1); err != nil {
			return nil, within(d.Name+"."+p.Name, err)
		}
	}
	return m, nil
}

// fromJSON turns a JSON value into the Go value of a t.
func (s *Schema) fromJSON(t Type, v any, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, ErrNested
	}
	switch v := v.(type) {
	case bool:
		if t.Kind == KindBool || t.Kind == KindTrue {
			return v, nil
		}
	case json.Number:
		return numberFromJSON(t, v.String())
	case string:
		return stringFromJSON(t, v)
	case []any:
		if t.Kind == KindVector {
			return s.itemsFromJSON(t, v, depth)
		}
	case map[string]any:
		return s.objectFromJSON(t, v, depth)
	}
	return nil, fmt.Errorf("got a JSON %s, want a %v", jsonKind(v), t)
}

func (s *Schema) itemsFromJSON(t Type, v []any, depth int) (any, error) {
	items := make([]any, len(v))
	for i := range v {
		var err error
		if items[i], err = s.fromJSON(*t.Elem, v[i], depth+1); err != nil {
			return nil, within(fmt.Sprintf("[%d]", i), err)
		}
	}
	return items, nil
}

func (s *Schema) objectFromJSON(t Type, object map[string]any, depth int) (any, error) {
	name, _ := object["_"].(string)
	switch t.Kind {
	case KindBare:
		name = t.Name
	case KindUnion, KindQuery, KindAny:
	default:
		return nil, fmt.Errorf("got a JSON object, want a %v", t)
	}
	d, err := s.Lookup(name)
	switch {
	case err != nil:
		return nil, err
	case name == "":
		return nil, fmt.Errorf(`got an object without "_", want the name of a constructor of %v there`, t)
	case d == nil:
		return nil, fmt.Errorf("got the name %q, want one that the schema has", name)
	}
	if err := belongs(d, t); err != nil {
		return nil, err
	}
	return s.fieldsFromJSON(d, object, depth)
}

func numberFromJSON(t Type, digits string) (any, error) {
	switch t.Kind {
	case KindInt:
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("got the number %s, want a whole one of 32 bits", digits)
		}
		return int32(n), nil
	case KindLong:
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("got the number %s, want a whole one of 64 bits", digits)
		}
		return n, nil
	case KindDouble:
		f, err := strconv.ParseFloat(digits, 64)
		return f, err
	}
	return nil, fmt.Errorf("got a JSON number, want a %v", t)
}

func stringFromJSON(t Type, v string) (any, error) {
	switch t.Kind {
	case KindString:
		return v, nil
	case KindLong:
		return numberFromJSON(t, v)
	case KindDouble: // NaN and Inf
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return nil, fmt.Errorf("got the string %q, want a number", v)
		}
		return f, nil
	case KindBytes, KindInt128, KindInt256, KindQuery:
		b, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			return nil, fmt.Errorf("got a string that is no base64: %w", err)
		}
		if t.Kind == KindQuery {
			return Raw(b), nil
		}
		return b, nil
	}
	return nil, fmt.Errorf("got a JSON string, want a %v", t)
}

// jsonKind names the kind of a JSON value without its contents, which may be secret.
func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case []any:
		return "array"
	}
	return fmt.Sprintf("%T", v)
}
