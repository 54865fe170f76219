package session

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/strictjson"
)

// The head of the stored form. The version increases with each change that an older
// telekey would misread or lose.
const (
	format  = "telekey session"
	version = 1
)

// stored is the stored form of a session: JSON, binary values in base64, and 64-bit
// numbers as strings because other programs round them.
type stored struct {
	Format  string            `json:"format"`
	Version int               `json:"version"`
	Network json.RawMessage   `json:"network,omitempty"` // a network file, see package dc
	Home    int               `json:"home,omitempty"`
	Keys    map[int]storedKey `json:"keys,omitempty"`
	User    *User             `json:"user,omitempty"`
	Pending *Pending          `json:"pending,omitempty"`
	Tokens  []string          `json:"tokens,omitempty"`

	LoggedOut time.Time `json:"logged_out,omitzero"`
	Ended     string    `json:"ended,omitempty"`
}

type storedKey struct {
	ID       string `json:"id"` // AuthKey.ID in hexadecimal: shows damage, and tells people which key it is
	Auth     string `json:"auth_key"`
	Salt     string `json:"salt"`
	Offset   string `json:"clock_offset"` // as 1.5s
	SignedIn bool   `json:"signed_in"`
}

// FileError describes a fault in a stored session and its place. A store never
// overwrites a file that it cannot read.
type FileError struct {
	Path    string // of the file; empty from Unmarshal
	Place   string // "line 3, column 9" or "keys.2.auth_key"; empty: the file as a whole
	Problem string
}

// Error names the fault, its place and the remedy.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("session file")
	if e.Path != "" {
		fmt.Fprintf(&b, " %q", e.Path)
	}
	if e.Place != "" {
		b.WriteString(", " + e.Place)
	}
	return b.String() + ": " + e.Problem + " (the file is left as it is: put a copy that works in its place, or use another path)"
}

// Marshal returns the stored form of a session, as File writes it, for stores in
// databases. The keys in it are not encrypted.
func Marshal(d Data) ([]byte, error) {
	if place, problem := d.check(); problem != "" {
		return nil, fmt.Errorf("cannot store session: %s: %s", place, problem)
	}
	s := stored{Format: format, Version: version, Home: d.Home, User: d.User, Pending: d.Pending, LoggedOut: d.LoggedOut.UTC().Round(0), Ended: d.Ended}
	if !d.Network.IsZero() {
		network, err := json.Marshal(d.Network)
		if err != nil {
			return nil, fmt.Errorf("cannot store session: network: %w", err)
		}
		s.Network = network
	}
	if len(d.Keys) > 0 {
		s.Keys = make(map[int]storedKey, len(d.Keys))
	}
	for id, key := range d.Keys {
		s.Keys[id] = storeKey(key)
	}
	for _, t := range d.Tokens {
		s.Tokens = append(s.Tokens, base64.StdEncoding.EncodeToString(t.Bytes()))
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot store session: %w", err)
	}
	if len(b) >= MaxSize {
		return nil, fmt.Errorf("cannot store session: got %d bytes, want at most %d", len(b)+1, MaxSize)
	}
	return append(b, '\n'), nil
}

func storeKey(key Key) storedKey {
	return storedKey{
		ID:       hexID(key.Auth),
		Auth:     base64.StdEncoding.EncodeToString(key.Auth.bytes.Bytes()),
		Salt:     strconv.FormatInt(key.Salt, 10),
		Offset:   key.Offset.String(),
		SignedIn: key.SignedIn,
	}
}

func hexID(k AuthKey) string { return fmt.Sprintf("%016x", uint64(k.ID())) }

// Unmarshal reads the stored form of a session. Its error is always a *FileError.
func Unmarshal(b []byte) (Data, error) {
	d, err := unmarshal(b)
	if err == nil {
		place, problem := d.check()
		if problem == "" {
			return d, nil
		}
		err = broken(place, "%s", problem)
	}
	return Data{}, err
}

func unmarshal(b []byte) (d Data, err error) {
	s, err := unwrap(b)
	if err != nil {
		return d, err
	}
	d.Home, d.User, d.Pending, d.LoggedOut, d.Ended = s.Home, s.User, s.Pending, s.LoggedOut, s.Ended
	if len(s.Network) > 0 {
		if err := json.Unmarshal(s.Network, &d.Network); err != nil {
			return d, broken("network", "%v", err)
		}
	}
	for id, stored := range s.Keys {
		if d.Keys == nil {
			d.Keys = make(map[int]Key, len(s.Keys))
		}
		if d.Keys[id], err = loadKey(id, stored); err != nil {
			return d, err
		}
	}
	for i, text := range s.Tokens {
		t, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return d, broken(fmt.Sprintf("tokens.%d", i), "%v", err)
		}
		d.Tokens = append(d.Tokens, NewToken(t))
	}
	return d, nil
}

func loadKey(id int, s storedKey) (key Key, err error) {
	at := func(field string) string { return fmt.Sprintf("keys.%d.%s", id, field) }
	auth, err := base64.StdEncoding.DecodeString(s.Auth)
	if err != nil {
		return key, broken(at("auth_key"), "%v", err)
	}
	if len(auth) != 256 {
		return key, broken(at("auth_key"), "got %d bytes, want 256", len(auth))
	}
	key.Auth = NewAuthKey([256]byte(auth))
	clear(auth)
	if got := hexID(key.Auth); got != s.ID {
		return key, broken(at("auth_key"), "got a key with id %s, want %.20q as beside it: it was damaged", got, s.ID)
	}
	if key.Salt, err = strconv.ParseInt(s.Salt, 10, 64); err != nil {
		return key, broken(at("salt"), "got %.24q, want a number in quotes", s.Salt)
	}
	if key.Offset, err = time.ParseDuration(s.Offset); err != nil {
		return key, broken(at("clock_offset"), "got %.24q, want a duration, as 1.5s", s.Offset)
	}
	key.SignedIn = s.SignedIn
	return key, nil
}

// unwrap checks that the bytes are a session of a known version, and decodes the
// JSON.
func unwrap(b []byte) (s stored, err error) {
	if len(b) > MaxSize {
		return s, broken("", "got more than %d bytes: this is no session", MaxSize)
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return s, broken("", "it is empty")
	}
	if b, err = strictjson.Text(b); err == nil {
		err = strictjson.Twice(b)
	}
	if err != nil {
		return s, broken("", "%v", err)
	}
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return s, explain(b, err)
	}
	if head.Format != format {
		return s, broken("format", "got %.40q, want %q: another program's file", head.Format, format)
	}
	if head.Version != version {
		return s, broken("version", "got %d, want %d: use the telekey that wrote it, or a newer one", head.Version, version)
	}
	// The next save would lose an unknown field.
	strict := json.NewDecoder(bytes.NewReader(b))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&s); err != nil {
		return s, explain(b, err)
	}
	if slices.Equal(s.Network, []byte("null")) {
		s.Network = nil
	}
	return s, nil
}

func broken(place, problem string, args ...any) *FileError {
	return &FileError{Place: place, Problem: fmt.Sprintf(problem, args...)}
}

// explain adds the place to an error of encoding/json. It does not repeat values,
// which may be secret.
func explain(b []byte, err error) *FileError {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return broken(lineColumn(b, e.Offset), "%v", e)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind, _, _ := strings.Cut(e.Value, " ")
		return broken(lineColumn(b, e.Offset), "%s: got a JSON %s, want a Go %s", e.Field, kind, e.Type.Kind())
	}
	return broken("", "%.100s", strings.TrimPrefix(err.Error(), "json: "))
}

// lineColumn returns the place of the last byte read.
func lineColumn(b []byte, read int64) string {
	before := b[:max(0, min(int(read)-1, len(b)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}
