package emulator

import (
	"encoding/binary"
	"errors"
	"reflect"
	"strings"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// views are the API's schema as each layer has it, made when first asked for.
type views map[int]*tl.Schema

// of returns the view of a layer, or of the nearest one that is known. A client
// that never named its layer is taken to speak the newest.
func (v views) of(layer int) *tl.Schema {
	if layer == 0 {
		return tg.Schema
	}
	layer = layers.Nearest(layer)
	if layer == layers.Newest {
		return tg.Schema
	}
	if v[layer] == nil {
		v[layer] = tg.Schema.With(definitions(layer))
	}
	return v[layer]
}

// definitions writes down what layer calls other than the newest one does.
func definitions(layer int) string {
	var constructors, functions strings.Builder
	for _, e := range layers.Entries() {
		if layer < e.From || layer > e.To {
			continue
		}
		to := &constructors
		if e.Function {
			to = &functions
		}
		to.WriteString(e.Text + "\n")
	}
	return constructors.String() + "---functions---\n" + functions.String()
}

// find returns the view to read a call in, and the call's definition.
//
// The client's own layer goes first. But the numbers of other layers are
// understood side by side with its own, as on the real servers.
func (v views) find(layer int, id uint32) (*tl.Schema, *tl.Definition) {
	for _, schema := range []*tl.Schema{v.of(layer), tg.Schema, v.of(layers.Oldest)} {
		d, err := schema.LookupID(id)
		if err != nil || d == nil || !d.Function {
			continue
		}
		// A view also knows the newest numbers of what it calls otherwise, but
		// cannot read them.
		if own, err := schema.Lookup(d.Name); err == nil && own.ID == id {
			return schema, d
		}
	}
	return nil, nil
}

// read reads one whole call, into no more memory than is left, and takes what it
// needs off that.
func (v views) read(layer int, body []byte, left *int) (any, *tl.Definition, *refusal) {
	if len(body) < 4 {
		return nil, nil, inputFetchError
	}
	schema, def := v.find(layer, binary.LittleEndian.Uint32(body))
	if def == nil {
		return nil, nil, inputMethodInvalid
	}
	r := tl.NewReader(body)
	r.LimitMemory(*left)
	request := schema.Read(r)
	*left -= r.Memory()
	var unknown *tl.UnknownConstructorError
	switch {
	case errors.As(r.Err(), &unknown):
		return nil, def, inputConstructorInvalid
	case errors.Is(r.Err(), tl.ErrMemory):
		return nil, def, inputRequestTooLong
	case r.Err() != nil || request == nil:
		return nil, def, inputFetchError
	// A client of a layer to come may add fields at the end. From others, more
	// bytes than the call has are a mistake.
	case r.Len() > 0 && layer <= layers.Newest:
		return nil, def, inputRequestTooLong
	}
	return request, def, nil
}

// write writes an answer or an update in the form of a layer: a pointer to a
// struct, a bool, or a slice of either.
func (v views) write(layer int, answer any) ([]byte, error) {
	schema := v.of(layer)
	switch rv := reflect.ValueOf(answer); rv.Kind() {
	case reflect.Bool:
		return tl.AppendBool(nil, rv.Bool()), nil
	case reflect.Slice:
		return schema.AppendValue(nil, tl.Type{Kind: tl.KindVector, Elem: &tl.Type{Kind: tl.KindAny}}, answer)
	}
	return schema.Append(nil, answer)
}
