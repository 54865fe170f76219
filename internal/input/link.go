package input

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Errors of links say nothing of what is in them: that is a way in.

// MaxLoginToken bounds the token in a login link, in bytes; Telegram's have about 40.
const MaxLoginToken = 1024

// LoginToken reads the token of a QR code, from its link or by itself. The token is
// base64url; some programs write the other alphabet, escape it or pad it. Fragments
// do not count, and neither do other parameters.
//
// https://core.telegram.org/api/links#qr-code-login-links
func LoginToken(text string) ([]byte, error) {
	const want = "want a QR code's, tg://login?token=…: scan or copy it again"
	encoded := compact(text)
	if strings.ContainsAny(encoded, ":?") {
		path, query, err := deepLink(encoded, 3*MaxLoginToken)
		switch {
		case err != nil || path != "tg:login":
			return nil, fmt.Errorf("got a text of %d bytes that is no login link, %s", len(text), want)
		case query.Has("code"):
			return nil, errors.New("got a link with a login code, " + want)
		case len(query["token"]) != 1:
			return nil, fmt.Errorf("got a login link with %d tokens, want one", len(query["token"]))
		}
		encoded = query.Get("token")
	}
	// A + of the other alphabet is a space in a query.
	encoded = strings.NewReplacer("+", "-", " ", "-", "/", "_").Replace(strings.TrimRight(encoded, "="))
	token, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(token) == 0 || len(token) > MaxLoginToken {
		return nil, fmt.Errorf("got a token that cannot be read, want 1 to %d bytes in base64url: scan or copy the link again", MaxLoginToken)
	}
	return token, nil
}

// ConfirmLink reads the link by which the owner of an account stops its deletion.
//
// https://core.telegram.org/api/links#phone-confirmation-links
func ConfirmLink(text string) (phone, hash string, err error) {
	const want = "want the one in Telegram's message: tg://confirmphone?phone=…&hash=…"
	path, query, err := deepLink(compact(text), 4096)
	if err != nil || path != "tg:confirmphone" && path != "t.me/confirmphone" {
		return "", "", errors.New("this is no link to confirm a number, " + want)
	}
	hash = query.Get("hash")
	if len(query["phone"]) != 1 || len(query["hash"]) != 1 || hash == "" {
		return "", "", errors.New("this link to confirm a number has not one phone and one hash, " + want)
	}
	if phone, err = Number(query.Get("phone")); err != nil {
		return "", "", fmt.Errorf("the link's phone: %w", err)
	}
	return phone, hash, nil
}

// compact drops what copying adds to a link: marks, and the ends of lines where a
// terminal or a mail has wrapped it.
func compact(link string) string {
	return strings.Map(func(r rune) rune {
		if mark(r) || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, Trim(link))
}

// deepLink takes a link apart that Telegram's apps open: tg:path?query, with or
// without slashes, or t.me/path?query, with or without a scheme. Upper and lower case
// are the same but in the query.
//
// https://core.telegram.org/api/links
func deepLink(link string, most int) (path string, query url.Values, err error) {
	if len(link) > most {
		return "", nil, fmt.Errorf("got a link of %d bytes, want at most %d", len(link), most)
	}
	link, _, _ = strings.Cut(link, "#")
	path, text, _ := strings.Cut(link, "?")
	path = strings.TrimSuffix(strings.ToLower(path), "/")
	if rest, ok := strings.CutPrefix(path, "tg:"); ok {
		path = "tg:" + strings.TrimPrefix(rest, "//")
	} else {
		path = strings.TrimPrefix(strings.TrimPrefix(path, "https://"), "http://")
		host, rest, _ := strings.Cut(strings.TrimPrefix(path, "www."), "/")
		if host != "t.me" && host != "telegram.me" && host != "telegram.dog" {
			return "", nil, errors.New("got a link to elsewhere")
		}
		path = "t.me/" + rest
	}
	query, err = url.ParseQuery(text)
	return path, query, err
}
