package passkeys

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/telekey/telekey/emulator"
)

// origins are the pages that may use passkeys of the site.
type origins []string

const anyPort = ":*"

// parseOrigins checks them: a browser would never send one that is of another
// form, or on a host that the site's id does not belong to.
func parseOrigins(list []string, site string) (origins, error) {
	if len(list) == 0 {
		return nil, errors.New("origins: got none, want at least one, or nil for the usual ones")
	}
	for _, origin := range list {
		u, err := url.Parse(strings.TrimSuffix(origin, anyPort))
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Scheme+"://"+u.Host != strings.TrimSuffix(origin, anyPort) {
			return nil, fmt.Errorf("origins: got %q, want https://host, https://host:port or https://host:*", origin)
		}
		if host := u.Hostname(); host != site && !strings.HasSuffix(host, "."+site) {
			return nil, fmt.Errorf("origins: got %q, want the host %s or one below it, whose passkeys these are", origin, site)
		}
	}
	return slices.Clone(list), nil
}

// admit returns the origin of a ceremony if it is one of them. The library
// compares it once more, and sees to the rest of what the client says.
//
// The library knows no origins of any port; so to it each ceremony has the one
// origin that is found here.
func (o origins) admit(client protocol.CollectedClientData) (string, error) {
	for _, allowed := range o {
		host, all := strings.CutSuffix(allowed, anyPort)
		if protocol.IsOriginInHaystack(client.Origin, []string{host}) || all && withoutPort(client.Origin) == host {
			return client.Origin, nil
		}
	}
	return "", fmt.Errorf("got the origin %.80q, want one of %v: %w", client.Origin, []string(o), emulator.ErrPasskeyOrigin)
}

// withoutPort returns an origin without its port, and "" for any other text.
func withoutPort(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme+"://"+u.Host != origin {
		return ""
	}
	return u.Scheme + "://" + u.Hostname()
}
