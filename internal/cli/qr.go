package cli

import (
	"fmt"
	"image/color"
	"io"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// matrix is a QR code: dark or light, row by row, without the margin.
type matrix [][]bool

// newMatrix encodes a text. The weakest correction makes the smallest code, which
// is good enough for a screen: nothing is torn or dirty there.
func newMatrix(text string) (matrix, error) {
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("the link makes no QR code: %w", err)
	}
	n := code.Bounds().Dx()
	m := make(matrix, n)
	for y := range m {
		m[y] = make([]bool, n)
		for x := range m[y] {
			m[y][x] = color.GrayModel.Convert(code.At(x, y)) == color.Gray{}
		}
	}
	return m, nil
}

// margin is how far around the code there has to be nothing, in modules.
//
// https://www.qrcode.com/en/howto/code.html
const margin = 4

// size is how many modules wide and high the code is with its margin.
func (m matrix) size() int { return len(m) + 2*margin }

// dark is the module at a place, counted from the corner of the margin.
func (m matrix) dark(x, y int) bool {
	x, y = x-margin, y-margin
	return y >= 0 && y < len(m) && x >= 0 && x < len(m) && m[y][x]
}

// Black on white whatever the colours of the terminal are: entries 16 and 231 of
// the 256 are the same everywhere, unlike the first sixteen. Each line ends as the
// terminal was before, so that no colour runs on to its edge.
//
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const (
	blackOnWhite = "\x1b[38;5;16;48;5;231m"
	plain        = "\x1b[0m"
)

// halves are the characters for two modules, one above the other, which together
// are about a square: by whether the upper and the lower one are dark.
var halves = map[[2]bool]rune{{false, false}: ' ', {true, false}: '▀', {false, true}: '▄', {true, true}: '█'}

// draw writes the code for a terminal, two rows of modules a line.
func (m matrix) draw(out io.Writer) error {
	var text strings.Builder
	for y := 0; y < m.size(); y += 2 {
		text.WriteString(blackOnWhite)
		for x := range m.size() {
			text.WriteRune(halves[[2]bool{m.dark(x, y), m.dark(x, y+1)}])
		}
		text.WriteString(plain + "\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// svg is the code as a picture: a white square, and a path of the dark runs.
func (m matrix) svg() []byte {
	var path strings.Builder
	for y := range m.size() {
		for x := 0; x < m.size(); x++ {
			begin := x
			for m.dark(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin, y, x-begin, x-begin)
			}
		}
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" width="%[2]d" height="%[2]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dh-%[1]dz"/><path fill="#000" d="%[3]s"/></svg>`+"\n", m.size(), 8*m.size(), path.String())
}
