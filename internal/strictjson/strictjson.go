// Package strictjson reads JSON that people write: what the standard library
// would pass over in silence is most likely a mistake of typing, and is said to
// them in words without Go types.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Read reads data, one JSON value and nothing behind it, into a pointer. If that
// points to a struct the names of the object's fields must be its own, to the
// letter. Objects within, and types that read themselves, are up to themselves; but a
// name may be there once in any object, and everything has to be Unicode: see [Text].
//
// After an error what into points to may be half read.
func Read(data []byte, into any) error {
	data, err := Text(data)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return inPlainWords(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("got more behind the end")
	}
	if err := Twice(data); err != nil {
		return err
	}
	if _, itself := into.(json.Unmarshaler); itself {
		return nil
	}
	return checkNames(data, reflect.TypeOf(into).Elem())
}

// checkNames looks at the names of an object that is known to be well formed. The
// standard library takes Nth and NTH for nth.
func checkNames(data []byte, t reflect.Type) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if first, _ := dec.Token(); first != json.Delim('{') || t.Kind() != reflect.Struct {
		return nil
	}
	known := namesOf(t)
	for dec.More() {
		var value json.RawMessage
		name, err := dec.Token()
		if err == nil {
			err = dec.Decode(&value)
		}
		if err != nil {
			return inPlainWords(err)
		}
		if !known[name.(string)] {
			return fmt.Errorf("there is no field %q, want %q", name, meant(name.(string), known))
		}
	}
	return nil
}

// namesOf are the names that the fields of a struct have in JSON.
func namesOf(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "", name == "-", !f.IsExported():
		case name == "":
			names[f.Name] = true
		default:
			names[name] = true
		}
	}
	return names
}

// meant is the name that the standard library took given for.
func meant(given string, names map[string]bool) string {
	for name := range names {
		if strings.EqualFold(name, given) {
			return name
		}
	}
	return ""
}

// inPlainWords says an error of encoding/json without Go types.
func inPlainWords(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field == "" {
			return fmt.Errorf("got a JSON %s, want an object", wrong.Value)
		}
		return fmt.Errorf("%s: got a JSON %s", wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:], wrong.Value)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON at byte %d: %w", syntax.Offset, err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON: the text ends too early")
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("there is no field %s", field)
	}
	return err
}
