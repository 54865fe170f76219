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

// checkToken describes the fault of a token without showing the token.
func checkToken(t secret.Text) error {
	if strings.ContainsFunc(t.Reveal(), func(c rune) bool { return c <= ' ' || c > '~' }) {
		return errors.New("token: got spaces or signs that a header cannot hold, want letters, digits and signs of ASCII")
	}
	if t.Len() < minToken {
		return fmt.Errorf("token: got %d characters, want at least %d", t.Len(), minToken)
	}
	return nil
}

// admit decides whether a request may be served. The order matters: a web page must
// learn nothing, not even whether its token is right.
func (a *api) admit(r *http.Request) *problem {
	switch {
	// A host name of another owner can resolve to this machine.
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

// isLoopback reports whether a Host header names the loopback interface.
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

// fromElsewhere reports whether a browser sends the request for a page of another
// origin. Browsers send Origin, except in some requests for images and the like,
// and Sec-Fetch-Site in all requests. Other programs send neither.
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

// knowsToken reports whether the request carries the token, if one is required. Its
// time does not depend on the token.
func (a *api) knowsToken(r *http.Request) bool {
	if a.cfg.Token.IsZero() {
		return true
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(given)), sha256.Sum256(a.cfg.Token.Bytes())
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// isJSON reports whether the content type of a request is JSON. A form of a web page
// cannot send that content type.
func isJSON(r *http.Request) bool {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, given := parameters["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}
