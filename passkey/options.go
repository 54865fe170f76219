package passkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/telekey/telekey/internal/strictjson"
)

// The limits of a site's options.
const (
	maxOptions    = 64 << 10 // bytes of JSON
	maxUserHandle = 64       // bytes: https://www.w3.org/TR/webauthn-3/#user-handle
	maxSite       = 253      // characters: the longest domain
)

// OptionsError reports a fault in the options of a site.
type OptionsError struct {
	Place   string // such as publicKey.user.id; empty: the options as a whole
	Problem string
}

// Error names the fault and its place.
func (e *OptionsError) Error() string {
	if e.Place == "" {
		return "passkey options: " + e.Problem
	}
	return "passkey options: " + e.Place + ": " + e.Problem
}

// base64Bytes are bytes in base64url in JSON. Some sites pad them.
type base64Bytes []byte

// UnmarshalJSON reads base64url, padded or not.
func (b *base64Bytes) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return errors.New("got something else than a string, want base64url")
	}
	v, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return errors.New("got something else than base64url")
	}
	*b = v
	return nil
}

// descriptor names a credential.
type descriptor struct {
	Type string      `json:"type"`
	ID   base64Bytes `json:"id"`
}

// creation holds a site's options for a new credential. Other members do not affect
// this authenticator: it stores every credential and attests none.
// https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialcreationoptionsjson
type creation struct {
	RP struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID          base64Bytes `json:"id"`
		Name        string      `json:"name"`
		DisplayName string      `json:"displayName"`
	} `json:"user"`
	Challenge  base64Bytes `json:"challenge"`
	Parameters []struct {
		Type      string `json:"type"`
		Algorithm int    `json:"alg"`
	} `json:"pubKeyCredParams"`
	Exclude   []descriptor `json:"excludeCredentials"`
	Selection struct {
		UserVerification string `json:"userVerification"`
	} `json:"authenticatorSelection"`
}

// request holds a site's options for a signature.
// https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialrequestoptionsjson
type request struct {
	Challenge        base64Bytes  `json:"challenge"`
	RPID             string       `json:"rpId"`
	Allow            []descriptor `json:"allowCredentials"`
	UserVerification string       `json:"userVerification"`
}

// parse reads options, with or without publicKey around them.
func parse(options []byte, into any) error {
	if len(options) > maxOptions {
		return &OptionsError{"", fmt.Sprintf("got %d bytes, want at most %d", len(options), maxOptions)}
	}
	var outer struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	if err := read(options, &outer); err != nil {
		return err
	}
	if len(outer.PublicKey) > 0 {
		options = outer.PublicKey
	}
	return read(options, into)
}

// read reads JSON; the errors of encoding/json hold Go types, so not all of them
// is shown.
func read(options []byte, into any) error {
	if trimmed := bytes.TrimSpace(options); len(trimmed) == 0 || trimmed[0] != '{' {
		return &OptionsError{"", "got no JSON object"}
	}
	options, err := strictjson.Text(options)
	if err != nil {
		return &OptionsError{"", err.Error()}
	}
	err = json.Unmarshal(options, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &OptionsError{wrong.Field, "got a JSON " + wrong.Value}
	}
	if err != nil {
		return &OptionsError{"", err.Error()}
	}
	return nil
}

func parseCreation(options []byte) (c creation, err error) {
	if err := parse(options, &c); err != nil {
		return c, err
	}
	switch n := len(c.User.ID); {
	case len(c.Challenge) == 0:
		return c, &OptionsError{"challenge", "it is missing"}
	case n == 0 || n > maxUserHandle:
		return c, &OptionsError{"user.id", fmt.Sprintf("got %d bytes, want 1 to %d", n, maxUserHandle)}
	case len(c.RP.ID) > maxSite:
		return c, &OptionsError{"rp.id", fmt.Sprintf("got %d characters, want at most %d", len(c.RP.ID), maxSite)}
	}
	return c, nil
}

func parseRequest(options []byte) (r request, err error) {
	if err := parse(options, &r); err != nil {
		return r, err
	}
	switch {
	case len(r.Challenge) == 0:
		return r, &OptionsError{"challenge", "it is missing"}
	case len(r.RPID) > maxSite:
		return r, &OptionsError{"rpId", fmt.Sprintf("got %d characters, want at most %d", len(r.RPID), maxSite)}
	}
	return r, nil
}

// takesES256 reports whether a site accepts ES256 keys. A site without a list accepts
// the two default kinds, one of which is ES256.
// https://www.w3.org/TR/webauthn-3/#sctn-createCredential
func (c creation) takesES256() bool {
	for _, p := range c.Parameters {
		if p.Type == "public-key" && p.Algorithm == es256 {
			return true
		}
	}
	return len(c.Parameters) == 0
}
