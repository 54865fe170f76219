package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/display"
)

// print writes a command's result: v with --json, otherwise the sentence.
func (p *program) print(v any, format string, args ...any) error {
	if !p.json {
		_, err := fmt.Fprintln(p.out, display.Line(fmt.Sprintf(format, args...)+p.onNetwork()))
		return err
	}
	line, err := jsonLine(v)
	if err != nil {
		return err
	}
	_, err = p.out.Write(line)
	return err
}

// printLines writes a result that is a list: v with --json, otherwise a line each, and
// "none" for no line.
func (p *program) printLines(v any, lines []string) error {
	if p.json {
		return p.print(v, "")
	}
	var text strings.Builder
	if len(lines) == 0 {
		lines = []string{"none"}
	}
	for _, line := range lines {
		fmt.Fprintln(&text, display.Line(line+p.onNetwork()))
	}
	_, err := io.WriteString(p.out, text.String())
	return err
}

// moment is a time as people read it, wherever they are.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// jsonLine is v as one line of JSON, names in it as they are.
func jsonLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return display.JSON(b.Bytes()), err
}
