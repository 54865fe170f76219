// Package layers holds the older forms of definitions that have changed in the
// Telegram API.
//
// A client names its layer once, with invokeWithLayer; from then on every response
// and every update must be in that layer's form, and the client's requests are in
// that form too. Nearly all definitions that a sign-in needs have kept their form
// for years. The others are in one table, table.tl, which this package reads and a
// server applies: for a client of layer L, the definitions valid in L replace the
// newest ones of the same name.
// https://core.telegram.org/api/invoking#layers
//
// What to watch for when a value of the newest layer is written in an older form:
//
//   - A field that the older form lacks is left out, with its bit of flags. The
//     number alone does not tell: user#215c4438 has three forms.
//   - A field may have another type under the same name: user.color was an int
//     in layer 166 and is a PeerColor from 167 on, user.stories_max_id became a
//     RecentStory in 217, userFull.stories a PeerStories in 164, the title of a
//     dialogFilter a TextWithEntities in 196.
//   - A field that may be missing now could once be required: peer of
//     help.promoData (until 202), reply_to_msg_id of messageReplyHeader (until
//     165).
//   - A field of the older form may be gone: userFull.theme_emoticon is theme now.
//   - A constructor may be younger than the client: see Known.
package layers

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Oldest is the oldest layer that is known, Newest the newest: the one of the
// schema that the rest of the module is made from.
const (
	Oldest = 158
	Newest = 232
)

// Nearest returns the layer to answer a client of the given layer in: that
// layer itself from Oldest to Newest, and else the nearer of the two.
func Nearest(layer int) int { return min(max(layer, Oldest), Newest) }

// Entry is one definition of the table.
type Entry struct {
	From, To int    // the layers in which it holds, both included
	Text     string // the definition in the TL language: name#number fields = Type;
	Function bool   // a function, not a constructor
}

// Name returns the name that e defines, such as auth.signUp.
func (e Entry) Name() string {
	name, _, _ := strings.Cut(e.Text, "#")
	return name
}

//go:embed table.tl
var table string

var parsed = sync.OnceValue(func() []Entry {
	entries, err := parse(table)
	if err != nil {
		panic(err) // the table is part of the program, and a test reads it
	}
	return entries
})

// Entries returns the whole table: name by name, and a name's entries from old
// to new, without a gap between them. After a name's last entry the newest
// schema's definition holds; before its first there was no such name.
//
// The slice is shared: do not write to it.
func Entries() []Entry { return parsed() }

// Known reports whether a client of the given layer knows the constructor or
// function of that name, which the newest schema has. Younger ones must not
// be sent: a client cannot skip what it cannot read.
//
// It answers for what the table covers, and with true for everything else.
func Known(layer int, name string) bool {
	for _, e := range Entries() {
		if e.Name() == name {
			return e.From <= Nearest(layer)
		}
	}
	return true
}

// rangeLine is the line above each definition: the layers in which it holds.
var rangeLine = regexp.MustCompile(`^// ([0-9]+)-([0-9]+)$`)

// parse reads a table. The format is described at the head of table.tl.
func parse(text string) ([]Entry, error) {
	var entries []Entry
	var next Entry // the parts of the next definition so far; From 0: no range yet
	for i, line := range strings.Split(text, "\n") {
		m := rangeLine.FindStringSubmatch(line)
		switch {
		case m != nil && next.From != 0:
			return nil, fmt.Errorf("line %d: got a second range %q, want the definition for the first", i+1, line)
		case m != nil:
			next.From, _ = strconv.Atoi(m[1])
			next.To, _ = strconv.Atoi(m[2])
		case line == "---functions---":
			next.Function = true
		case line == "" || strings.HasPrefix(line, "//"):
		case next.From == 0:
			return nil, fmt.Errorf("line %d: got %.40q, want a line with its layers above it, such as // 158-159", i+1, line)
		default:
			next.Text = line
			entries = append(entries, next)
			next = Entry{Function: next.Function}
		}
	}
	if next.From != 0 {
		return nil, fmt.Errorf("the table ends after a range, want its definition")
	}
	return entries, nil
}
