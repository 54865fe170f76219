package tl

import "reflect"

// PortableAppend, PortableDecode and PortableRead are Append, Decode and Read by the
// portable codec, whatever the build tags.
func (s *Schema) PortableAppend(dst []byte, v any) ([]byte, error) { return s.portableAppend(dst, v) }

// PortableDecode is Decode.
func (s *Schema) PortableDecode(b []byte, into any) error {
	d := decoder{Reader: Reader{b: b}}
	if err := s.portableDecode(&d, into); err != nil {
		return err
	}
	return d.end()
}

// PortableRead is Read, of one value that is all of b.
func (s *Schema) PortableRead(b []byte) (any, error) {
	d := decoder{Reader: Reader{b: b}}
	v := s.portableRead(&d)
	return v, d.end()
}

// Structs returns the types of pointers to the structs of the schema.
func (s *Schema) Structs() (all []reflect.Type) {
	for _, v := range s.types {
		if v != nil {
			all = append(all, reflect.TypeOf(v))
		}
	}
	return all
}
