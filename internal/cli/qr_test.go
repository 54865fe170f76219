package cli

import (
	"encoding/xml"
	"image"
	"image/color"
	"image/draw"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// scan finds a code in a picture and reads it, as a telephone does.
func scan(t *testing.T, picture image.Image) string {
	t.Helper()
	return decodeQR(t, picture, nil)
}

// read reads a picture that is nothing but a code. Telephones try again when they
// have not found it, which happens with one code in a hundred; tests do not.
func read(t *testing.T, picture image.Image) string {
	t.Helper()
	return decodeQR(t, picture, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
}

func decodeQR(t *testing.T, picture image.Image, hints map[gozxing.DecodeHintType]any) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		t.Fatalf("the picture cannot be scanned: %v", err)
	}
	return code.GetText()
}

// module is how large a module is in pictures.
const module = 4

// photograph makes a picture of what a terminal shows: white characters on black,
// apart from the colours that the text asks for, so that a code that relies on the
// terminal's own cannot be scanned. It takes no other escapes than colours. edge is
// how much of the terminal there is around, in modules.
func photograph(t *testing.T, drawn string, edge int) image.Image {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(drawn, "\n"), "\n")
	columns := utf8.RuneCountInString(lines[0]) - len(blackOnWhite) - len(plain)
	picture := image.NewGray(image.Rect(0, 0, (columns+2*edge)*module, 2*(len(lines)+edge)*module))
	fill := func(x, y int, dark bool) {
		shade := image.NewUniform(color.Gray{Y: 255})
		if dark {
			shade = image.NewUniform(color.Gray{})
		}
		at := image.Pt((x+edge)*module, (y+edge)*module)
		draw.Draw(picture, image.Rectangle{at, at.Add(image.Pt(module, module))}, shade, image.Point{}, draw.Src)
	}
	for y, line := range lines {
		inside, ok := strings.CutPrefix(line, blackOnWhite)
		inside, ends := strings.CutSuffix(inside, plain)
		if !ok || !ends || strings.Contains(inside, "\x1b") {
			t.Fatalf("got the line %q, want one of black on white, and then as before", line)
		}
		for x, half := range []rune(inside) {
			fill(x, 2*y, half == '█' || half == '▀')
			fill(x, 2*y+1, half == '█' || half == '▄')
		}
	}
	return picture
}

// develop makes a picture of an SVG, which has to be of squares as ours.
func develop(t *testing.T, file []byte) image.Image {
	t.Helper()
	var svg struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			Fill string `xml:"fill,attr"`
			D    string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(file, &svg); err != nil || len(svg.Paths) != 2 || svg.Paths[0].Fill != "#fff" || svg.Paths[1].Fill != "#000" {
		t.Fatalf("got %s, %v, want a white path and a black one", file, err)
	}
	size := number(t, strings.Fields(svg.ViewBox)[2])
	picture := image.NewGray(image.Rect(0, 0, size*module, size*module))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(svg.Paths[1].D, -1) {
		x, y, width := number(t, run[1]), number(t, run[2]), number(t, run[3])
		draw.Draw(picture, image.Rect(x*module, y*module, (x+width)*module, (y+1)*module), image.Black, image.Point{}, draw.Src)
	}
	return picture
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAQRCodeIsScannedAsItWasMeant(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 22, 43, 64, 100, 171, 300} {
		link := "tg://login?token=" + strings.Repeat("aZ09-_", length)[:length]
		m, err := newMatrix(link)
		if err != nil {
			t.Fatal(err)
		}
		var drawn strings.Builder
		if err := m.draw(&drawn); err != nil {
			t.Fatal(err)
		}
		if length <= 100 {
			if got := scan(t, photograph(t, drawn.String(), 20)); got != link {
				t.Errorf("on a terminal: got %q, want %q", got, link)
			}
		}
		if got := scan(t, develop(t, m.svg())); got != link {
			t.Errorf("as SVG: got %q, want %q", got, link)
		}
	}
	if _, err := newMatrix(strings.Repeat("x", 3000)); err == nil {
		t.Error("got a QR code of 3000 characters, want an error")
	}
}

// A link of Telegram's has 60 characters or so: with the words above it, the code
// has to have room on the smallest of terminals.
func TestAQRCodeFitsOnATerminal(t *testing.T) {
	t.Parallel()
	m, err := newMatrix("tg://login?token=" + strings.Repeat("x", 48))
	if err != nil {
		t.Fatal(err)
	}
	if m.size() > 80 || (m.size()+1)/2+3 > 24 {
		t.Errorf("got %d columns and %d rows, want it to fit into 80 and 24 with three lines of words", m.size(), (m.size()+1)/2)
	}
}
