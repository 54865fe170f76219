package passkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// OriginError reports that a page asked for the site id of another site.
type OriginError struct{ Origin, Site string }

// Error names the origin and the site.
func (e *OriginError) Error() string {
	return fmt.Sprintf("passkey: got options of the site %q on the origin %q, want the origin's own domain or one above it, by https (or http on localhost)", e.Site, e.Origin)
}

// place returns the origin and the site id of a ceremony. If one is missing it
// follows from the other: a site's origin is https:// and its id, and a page's
// site is its host.
//
// A page may ask for its own domain and for those above it; this rule keeps
// passkeys from pages that imitate the site.
// https://www.w3.org/TR/webauthn-3/#rp-id
func place(origin, site string) (string, string, error) {
	if origin == "" {
		origin = "https://" + site
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
		return "", "", &OriginError{origin, site}
	}
	host := u.Hostname()
	if site == "" {
		site = host
	}
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	secure := u.Scheme == "https" || u.Scheme == "http" && local
	if !secure || host != site && !strings.HasSuffix(host, "."+site) {
		return "", "", &OriginError{origin, site}
	}
	return origin, site, nil
}

// clientData returns the client data of a ceremony, byte for byte as a browser
// encodes it.
// https://www.w3.org/TR/webauthn-3/#clientdatajson-serialization
func clientData(ceremony string, challenge []byte, origin string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":%s,"challenge":%s,"origin":%s,"crossOrigin":false}`,
		quote(ceremony), quote(base64url(challenge)), quote(origin))
	return b.Bytes()
}

// quote writes a string as JSON, without the escapes that are for HTML.
func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into a buffer
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
