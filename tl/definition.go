package tl

import (
	"fmt"
	"strconv"
	"strings"
)

// Definition is one line of a schema: a constructor or a function.
type Definition struct {
	Name     string // "auth.sentCode"
	ID       uint32 // its number on the wire
	Function bool
	Params   []Param
	Result   Type // the type that a constructor belongs to, or a function's answer
}

// Param is one field of a Definition, in wire order.
type Param struct {
	Name string
	Type Type
	Flag int  // the place in Params of the word of flags that says whether it is there, or Always
	Bit  uint // which bit of that word
}

// Always is the Flag of a Param that is never left out.
const Always = -1

// Kind says how a Type is written.
type Kind uint8

// The kinds of Type.
const (
	KindFlags  Kind = iota // #: a word whose bits say which fields follow
	KindTrue               // true: no bytes, only a bit
	KindInt                // 4 bytes
	KindLong               // 8 bytes
	KindDouble             // 8 bytes
	KindInt128             // 16 bytes
	KindInt256             // 32 bytes
	KindString
	KindBytes
	KindBool   // boolTrue or boolFalse
	KindVector // Elem, many times
	KindUnion  // a boxed value: the number of one of Name's constructors, then its fields
	KindBare   // the fields of the constructor Name, without its number
	KindQuery  // !X: a whole call, up to the end
	KindAny    // X: whatever the call inside answers
)

// Type is a type of the TL language.
type Type struct {
	Kind Kind
	Name string // of a union or of a bare constructor
	Elem *Type  // of a vector
	Bare bool   // of a vector: without VectorID in front
}

var baseTypes = map[string]Kind{
	"#": KindFlags, "true": KindTrue, "int": KindInt, "long": KindLong, "double": KindDouble,
	"int128": KindInt128, "int256": KindInt256, "string": KindString, "bytes": KindBytes,
	"Bool": KindBool, "!X": KindQuery, "X": KindAny,
}

// String writes t as a schema does.
func (t Type) String() string {
	switch t.Kind {
	case KindUnion:
		return t.Name
	case KindBare:
		return "%" + t.Name
	case KindVector:
		if t.Bare {
			return "vector<" + t.Elem.String() + ">"
		}
		return "Vector<" + t.Elem.String() + ">"
	}
	for name, kind := range baseTypes {
		if kind == t.Kind {
			return name
		}
	}
	return "?"
}

// Equal reports whether t and u are the same type.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.Name != u.Name || t.Bare != u.Bare {
		return false
	}
	return t.Elem == nil || t.Elem.Equal(*u.Elem)
}

// String writes d as one line of a schema.
func (d *Definition) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s#%x", d.Name, d.ID)
	if d.Result.Kind == KindAny {
		b.WriteString(" {X:Type}")
	}
	for _, p := range d.Params {
		fmt.Fprintf(&b, " %s:", p.Name)
		if p.Flag != Always {
			fmt.Fprintf(&b, "%s.%d?", d.Params[p.Flag].Name, p.Bit)
		}
		b.WriteString(p.Type.String())
	}
	return b.String() + " = " + d.Result.String() + ";"
}

// ParseDefinition reads one line of a schema:
//
//	auth.codeTypeX#0badcafe flags:# url:flags.0?string items:Vector<int> = auth.CodeType;
func ParseDefinition(line string) (*Definition, error) {
	head, result, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), ";"), " = ")
	fields := strings.Fields(head)
	if !ok || len(fields) == 0 {
		return nil, fmt.Errorf("got %q, want name#number field:type … = Type;", line)
	}
	name, number, ok := strings.Cut(fields[0], "#")
	id, err := strconv.ParseUint(number, 16, 32)
	if !ok || name == "" || err != nil {
		return nil, fmt.Errorf("got %q, want name#number with the number in hex", fields[0])
	}
	d := &Definition{Name: name, ID: uint32(id)}
	if d.Result, err = parseType(result); err != nil {
		return nil, fmt.Errorf("%s: result: %w", name, err)
	}
	for _, field := range fields[1:] {
		if strings.HasPrefix(field, "{") { // {X:Type}: said again by the !X that uses it
			continue
		}
		p, err := d.parseParam(field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		d.Params = append(d.Params, p)
	}
	return d, nil
}

// parseParam reads one field:type or field:flags.N?type; the word of flags
// must have come before.
func (d *Definition) parseParam(field string) (Param, error) {
	name, typ, ok := strings.Cut(field, ":")
	if !ok || name == "" {
		return Param{}, fmt.Errorf("got field %q, want name:type", field)
	}
	p := Param{Name: name, Flag: Always}
	if condition, rest, ok := strings.Cut(typ, "?"); ok {
		word, bit, _ := strings.Cut(condition, ".")
		n, err := strconv.ParseUint(bit, 10, 5)
		if err != nil {
			return Param{}, fmt.Errorf("field %s: got bit %q, want 0 to 31", name, bit)
		}
		p.Flag, p.Bit = d.flagsWord(word), uint(n)
		if p.Flag == Always {
			return Param{}, fmt.Errorf("field %s: no word of flags %q before it", name, word)
		}
		typ = rest
	}
	var err error
	if p.Type, err = parseType(typ); err != nil {
		return Param{}, fmt.Errorf("field %s: %w", name, err)
	}
	if p.Type.Kind == KindTrue && p.Flag == Always {
		return Param{}, fmt.Errorf("field %s: a true needs a flag", name)
	}
	return p, nil
}

func (d *Definition) flagsWord(name string) int {
	for i, p := range d.Params {
		if p.Name == name && p.Type.Kind == KindFlags {
			return i
		}
	}
	return Always
}

// ParseType reads a type as schemas write it: "int", "Vector<InputUser>".
func ParseType(s string) (Type, error) { return parseType(s) }

func parseType(s string) (Type, error) {
	if kind, ok := baseTypes[s]; ok {
		return Type{Kind: kind}, nil
	}
	if kind, inside, ok := strings.Cut(s, "<"); ok {
		inside, closed := strings.CutSuffix(inside, ">")
		if !closed || kind != "Vector" && kind != "vector" {
			return Type{}, fmt.Errorf("got type %q, want Vector<Type> or vector<Type>", s)
		}
		elem, err := parseType(inside)
		if err != nil {
			return Type{}, err
		}
		if elem.Kind == KindTrue || elem.Kind == KindFlags || elem.Kind == KindQuery {
			return Type{}, fmt.Errorf("got type %q: a vector of what has no size of its own", s)
		}
		return Type{Kind: KindVector, Elem: &elem, Bare: kind == "vector"}, nil
	}
	if bare, ok := strings.CutPrefix(s, "%"); ok && bare != "" {
		return Type{Kind: KindBare, Name: bare}, nil
	}
	if s == "" || strings.ContainsAny(s, " ?!<>{}:%#") {
		return Type{}, fmt.Errorf("got type %q, want a name", s)
	}
	return Type{Kind: KindUnion, Name: s}, nil
}
