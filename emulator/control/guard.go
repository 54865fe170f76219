package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/telekey/telekey/secret"
)

// minToken is the length of the shortest token.
const minToken = 16

// checkToken says what is wrong with a token, and not what it is.
func checkToken(t secret.Text) error {
	if strings.ContainsFunc(t.Reveal(), func(c rune) bool { return c <= ' ' || c > '~' }) {
		return errors.New("token: got spaces or signs that a header cannot hold, want letters, digits and signs of ASCII")
	}
	if t.Len() < minToken {
		return fmt.Errorf("token: got %d characters, want at least %d", t.Len(), minToken)
	}
	return nil
}

// admit decides whether a request may be looked at. The order matters: a web
// page must learn nothing, not even whether its token is right.
func (a *api) admit(r *http.Request) *problem {
	switch {
	// A name that is not this machine's points here by somebody else's DNS.
	case !a.cfg.AllowRemote && !isLoopback(r.Host):
		return refuse(http.StatusForbidden, "host_not_allowed",
			"host: got %q, want localhost or a loopback address", r.Host)
	case fromElsewhere(r):
		return refuse(http.StatusForbidden, "origin_not_allowed",
			"origin: got %q; web pages may not ask, except those from here", strings.Join(r.Header.Values("Origin"), ", "))
	case !a.knowsToken(r):
		return refuse(http.StatusUnauthorized, "token_wrong", "authorization: want the header \"Authorization: Bearer TOKEN\" with the right token")
	}
	return nil
}

// isLoopback says whether a Host header names this machine to itself.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// fromElsewhere says whether a browser sends the request for a page that does
// not come from here. Browsers say so in Origin, which they leave out of some
// requests for images and the like, and in Sec-Fetch-Site, which they do not.
// Other programs send neither.
//
// https://fetch.spec.whatwg.org/#origin-header
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
func fromElsewhere(r *http.Request) bool {
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return true
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return true
		}
	}
	return false
}

// knowsToken says whether the request brings the token, if one is needed. How
// long that takes tells nothing about the token.
func (a *api) knowsToken(r *http.Request) bool {
	if a.cfg.Token.IsZero() {
		return true
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(given)), sha256.Sum256(a.cfg.Token.Bytes())
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// isJSON says whether a request says that its body is JSON. A form of a web page
// can only say that it is something else.
func isJSON(r *http.Request) bool {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, given := parameters["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}
