package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// clause is what reads as a riddle where the field has a noun.
var clause = regexp.MustCompile(`(?i)\b(nobody|somebody|whoever|what (is|has|was)|who has|that is none|is no [a-z]+|are none|by way of|goes out|stands)\b`)

// tally is what was counted in lines of one kind.
type tally struct {
	name   string
	lines  int
	places []string
}

func (t tally) rate() float64 {
	if t.lines == 0 {
		return 0
	}
	return 1000 * float64(len(t.places)) / float64(t.lines)
}

// add counts the clauses of a text that begins at a line of a file. A clause that
// two lines share counts, too.
func (t *tally) add(path string, line int, text string) {
	text = strings.TrimRight(text, "\n")
	t.lines += strings.Count(text, "\n") + 1
	joined := strings.ReplaceAll(text, "\n", " ")
	for _, at := range clause.FindAllStringIndex(joined, -1) {
		begin, end := strings.LastIndex(text[:at[0]], "\n")+1, len(text)
		if n := strings.Index(text[at[1]:], "\n"); n >= 0 {
			end = at[1] + n
		}
		t.places = append(t.places, fmt.Sprintf("%s:%d: %s", path, line+strings.Count(text[:at[0]], "\n"),
			strings.ReplaceAll(text[begin:end], "\n", " / ")))
	}
}

// count reads every Go file and document under dir, without what is generated or
// installed.
func count(dir string) (comments, documents tally, err error) {
	comments.name, documents.name = "comments", "documents"
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir():
			if path != dir && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "build" || name == "testdata") {
				return fs.SkipDir
			}
		case strings.HasSuffix(name, "_gen.go"):
		case strings.HasSuffix(name, ".go"):
			return comments.addGo(path)
		case strings.HasSuffix(name, ".md"):
			b, err := os.ReadFile(path)
			documents.add(path, 1, string(b))
			return err
		}
		return nil
	})
	return comments, documents, err
}

// addGo counts in the comments of a Go file.
func (t *tally) addGo(path string) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range file.Comments {
		t.add(path, fset.Position(group.Pos()).Line, text(group))
	}
	return nil
}

// text is a group of comments, a line for each of its lines, without the marks.
func text(group *ast.CommentGroup) string {
	var lines []string
	for _, c := range group.List {
		body := strings.TrimPrefix(c.Text, "//")
		if strings.HasPrefix(c.Text, "/*") {
			body = strings.TrimSuffix(strings.TrimPrefix(c.Text, "/*"), "*/")
		}
		lines = append(lines, strings.TrimPrefix(body, " "))
	}
	return strings.Join(lines, "\n")
}
