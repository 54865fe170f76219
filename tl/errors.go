package tl

import (
	"errors"
	"fmt"
)

// UnknownConstructorError says that the bytes hold a constructor number that
// the schema does not have, or not at this place: usually the server speaks a
// newer layer. It affects only the value that contains it.
type UnknownConstructorError struct {
	ID   uint32
	Name string // of the constructor, when the schema knows it: then it is the wrong one here
	Want string // the type that was expected, or ""
}

func (e *UnknownConstructorError) Error() string {
	switch {
	case e.Name != "":
		return fmt.Sprintf("got the constructor %s#%x, want one of %s", e.Name, e.ID, e.Want)
	case e.Want != "":
		return fmt.Sprintf("got the unknown constructor #%x, want one of %s", e.ID, e.Want)
	}
	return fmt.Sprintf("got the unknown constructor #%x", e.ID)
}

// ErrNested reports values nested deeper than MaxDepth.
var ErrNested = errors.New("values are nested too deeply")

// MaxDepth bounds the nesting of values. Telegram's values stay well below.
const MaxDepth = 64

// placeError is an error and the path of fields that leads to where it was
// found.
type placeError struct {
	path string
	err  error
}

func (e *placeError) Error() string { return e.path + ": " + e.err.Error() }
func (e *placeError) Unwrap() error { return e.err }

// within puts one more step in front of the path of err.
func within(step string, err error) error {
	if p, ok := err.(*placeError); ok {
		return &placeError{step + "." + p.path, p.err}
	}
	return &placeError{step, err}
}
