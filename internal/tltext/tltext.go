// Package tltext reads published schemas: files in the TL language, as the
// projects that follow the Telegram API ship them.
//
// https://core.telegram.org/mtproto/TL
package tltext

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/telekey/telekey/tl"
)

// Schema is one published schema.
type Schema struct {
	Layer       int // of its line "// LAYER N"; 0: the text has no such line
	Definitions []*tl.Definition
}

// builtin are the definitions that the codec has by itself: the base types, and
// the two forms of Bool.
var builtin = map[string]bool{
	"int": true, "long": true, "double": true, "string": true, "bytes": true, "int128": true, "int256": true,
	"vector": true, "true": true, "boolTrue": true, "boolFalse": true, "null": true,
}

var layerLine = regexp.MustCompile(`^// LAYER ([0-9]+)$`)

// Read reads a schema and checks the number of every definition. The functions
// follow the line "---functions---", as in every TL file.
func Read(text string) (*Schema, error) {
	s := new(Schema)
	seen := map[string]bool{}
	function := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if m := layerLine.FindStringSubmatch(line); m != nil {
			s.Layer, _ = strconv.Atoi(m[1])
		}
		line, _, _ = strings.Cut(line, "//")
		switch line = strings.TrimSpace(line); line {
		case "":
			continue
		case "---functions---", "---types---":
			function = line == "---functions---"
			continue
		}
		d, err := read(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if d == nil {
			continue
		}
		if d.Function = function; seen[d.Name] {
			return nil, fmt.Errorf("line %d: got a second definition of %s, want one", i+1, d.Name)
		}
		seen[d.Name] = true
		s.Definitions = append(s.Definitions, d)
	}
	return s, nil
}

// read reads one definition; nil if the codec has it by itself.
func read(line string) (*tl.Definition, error) {
	if !strings.HasSuffix(line, ";") {
		return nil, fmt.Errorf("got %.60q, want a whole definition in one line, with a semicolon", line)
	}
	head, _, _ := strings.Cut(line, " ")
	if name, _, _ := strings.Cut(head, "#"); builtin[name] {
		return nil, nil
	}
	d, err := tl.ParseDefinition(line)
	if err != nil {
		return nil, err
	}
	return d, Check(d)
}
