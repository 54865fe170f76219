package passkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/telekey/telekey/internal/strictjson"
)

// The head of the stored form. The version increases with each change that an older
// telekey would misread or lose.
const (
	format  = "telekey passkeys"
	version = 2

	// Version 1 did not record the network. Its credentials sign on no network,
	// because the network on which they were made is unknown.
	withoutNetwork = 1
)

// MaxSize bounds the stored form, in bytes.
const MaxSize = 1 << 20

// stored is the stored form of credentials: JSON, oldest first.
type stored struct {
	Format   string          `json:"format"`
	Version  int             `json:"version"`
	Passkeys []storedPasskey `json:"passkeys"`
}

type storedPasskey struct {
	ID         ID     `json:"id"`
	Network    string `json:"network,omitempty"`
	Site       string `json:"site"`
	UserHandle string `json:"user_handle"` // base64url, as is:
	Key        string `json:"private_key"`
	UserName   string `json:"user_name,omitempty"`
	UserTitle  string `json:"user_title,omitempty"`
	Count      uint32 `json:"count"`
}

// FileError describes a fault in stored passkeys and its place. A file that cannot
// be read is never overwritten.
type FileError struct {
	Path    string // of the file; empty from Unmarshal
	Place   string // such as passkeys[2].private_key; empty: the file as a whole
	Problem string
}

// Error names the fault, its place and the remedy.
func (e *FileError) Error() string {
	text := "passkey file"
	if e.Path != "" {
		text += fmt.Sprintf(" %q", e.Path)
	}
	if e.Place != "" {
		text += ", " + e.Place
	}
	return text + ": " + e.Problem + " (the file is left as it is: put a copy that works in its place, or use another path)"
}

// Marshal returns the stored form of credentials, as in a file, for stores in
// databases. The private keys in it are not encrypted.
func Marshal(credentials []Credential) ([]byte, error) {
	s := stored{Format: format, Version: version, Passkeys: []storedPasskey{}}
	for i, c := range credentials {
		if place, problem := c.check(); problem != "" {
			return nil, fmt.Errorf("cannot store passkeys[%d].%s: %s", i, place, problem)
		}
		s.Passkeys = append(s.Passkeys, storedPasskey{
			ID: c.ID, Network: c.Network, Site: c.Site, UserHandle: base64url(c.UserHandle), Key: base64url(c.Key.number.Bytes()),
			UserName: c.UserName, UserTitle: c.UserTitle, Count: c.Count,
		})
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot store passkeys: %w", err)
	}
	if len(b) >= MaxSize {
		clear(b)
		return nil, fmt.Errorf("cannot store passkeys: got %d bytes, want at most %d", len(b)+1, MaxSize)
	}
	return append(b, '\n'), nil
}

// Unmarshal reads the stored form. Its error is always a [*FileError], which
// contains no key.
func Unmarshal(b []byte) ([]Credential, error) {
	if len(b) > MaxSize {
		return nil, &FileError{"", "", fmt.Sprintf("got more than %d bytes", MaxSize)}
	}
	s, err := unwrap(b)
	if err != nil {
		return nil, err
	}
	if len(s.Passkeys) > maxCredentials {
		return nil, &FileError{"", "passkeys", fmt.Sprintf("got %d, want at most %d", len(s.Passkeys), maxCredentials)}
	}
	var credentials []Credential
	seen := map[ID]bool{}
	for i, p := range s.Passkeys {
		c, place, problem := p.load()
		if problem == "" && seen[c.ID] {
			place, problem = "id", "got one that there is already"
		}
		if problem != "" {
			return nil, &FileError{"", fmt.Sprintf("passkeys[%d].%s", i, place), problem}
		}
		seen[c.ID] = true
		credentials = append(credentials, c)
	}
	return credentials, nil
}

// unwrap reads the JSON and checks its format and version.
func unwrap(b []byte) (s stored, err error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	text, err := strictjson.Text(b)
	if err != nil {
		return s, &FileError{"", "", err.Error()}
	}
	b = text
	// An error of encoding/json may quote its input.
	if json.Unmarshal(b, &head) != nil || head.Format != format {
		return s, &FileError{"", "format", fmt.Sprintf("this is not a file of passkeys, which begins with %q", format)}
	}
	if head.Version != version && head.Version != withoutNetwork {
		return s, &FileError{"", "version", fmt.Sprintf("got %d, want %d or %d: another telekey wrote it", head.Version, withoutNetwork, version)}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		place := ""
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			place = wrong.Field
		}
		return s, &FileError{"", place, "a field is of the wrong kind, or none that is known"}
	}
	return s, nil
}

func (p storedPasskey) load() (c Credential, place, problem string) {
	handle, err := base64.RawURLEncoding.DecodeString(p.UserHandle)
	if err != nil {
		return c, "user_handle", "got something else than base64url"
	}
	key, err := base64.RawURLEncoding.DecodeString(p.Key)
	defer clear(key)
	if err != nil || len(key) != keySize {
		return c, "private_key", fmt.Sprintf("got something else than %d bytes in base64url", keySize)
	}
	c = Credential{
		ID: p.ID, Network: p.Network, Site: p.Site, UserHandle: handle, Key: NewPrivateKey([keySize]byte(key)),
		UserName: p.UserName, UserTitle: p.UserTitle, Count: p.Count,
	}
	place, problem = c.check()
	return c, place, problem
}

// check returns the first fault of a credential and its place.
func (c Credential) check() (place, problem string) {
	if n := len(c.ID.bytes()); n == 0 || n > maxID {
		return "id", fmt.Sprintf("got %d bytes in base64url, want 1 to %d", n, maxID)
	}
	if c.Site == "" || len(c.Site) > maxSite {
		return "site", fmt.Sprintf("got %d characters, want 1 to %d", len(c.Site), maxSite)
	}
	if len(c.Network) > maxSite {
		return "network", fmt.Sprintf("got %d characters, want at most %d", len(c.Network), maxSite)
	}
	if n := len(c.UserHandle); n == 0 || n > maxUserHandle {
		return "user_handle", fmt.Sprintf("got %d bytes, want 1 to %d", n, maxUserHandle)
	}
	if _, err := c.Key.parse(); err != nil {
		return "private_key", err.Error()
	}
	return "", ""
}

// maxID is the longest id of a credential, in bytes.
// https://www.w3.org/TR/webauthn-3/#credential-id
const maxID = 1023
