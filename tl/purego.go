//go:build purego

package tl

import "reflect"

// The build tag purego leaves the portable codec alone: no package unsafe, no
// assumption about the runtime.

type (
	fastPlan   struct{}
	fastSlot   struct{}
	fastSchema struct{}
	arena      struct{}
)

func newFastPlan(reflect.Type) fastPlan { return fastPlan{} }
func newFastSlot(*slot) fastSlot        { return fastSlot{} }

func (s *Schema) append(dst []byte, v any) ([]byte, error) { return s.portableAppend(dst, v) }
func (s *Schema) decode(d *decoder, into any) error        { return s.portableDecode(d, into) }
func (s *Schema) read(d *decoder) any                      { return s.portableRead(d) }
