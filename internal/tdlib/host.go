package tdlib

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// dialled are the hosts that TDLib connects to by itself: for a special
// configuration and for DNS over HTTPS when no data centre answers, and for card
// payments. Which of them a library has differs by version. A host comes before
// those that are part of it.
var dialled = []string{
	"software-download.microsoft.com",
	"tcdnb.azureedge.net",
	"dns.google.com",
	"dns.google",
	"mozilla.cloudflare-dns.com",
	"firebaseremoteconfig.googleapis.com",
	"reserve-5a846.firebaseio.com",
	"firestore.googleapis.com",
	"www.google.com",
	"tgb-playground.smart-glocal.com",
	"tgb.smart-glocal.com",
}

// written are the hosts that TDLib only writes into texts and links, or that are
// in notes of the libraries inside it.
var written = []string{
	"t.me", "telegra.ph", "my.telegram.org", "www.instagram.com", "twitter.com",
	"www.youtube.com", "music.youtube.com", "github.com", "gcc.gnu.org",
}

// httpsHost finds https URLs with a complete host.
var httpsHost = regexp.MustCompile(`https://([a-z0-9-]+(?:\.[a-z0-9-]+)+)`)

// checkHosts reports an https host that neither list has.
func checkHosts(library []byte) error {
	for _, found := range httpsHost.FindAllSubmatch(library, -1) {
		host := string(found[1])
		if !slices.Contains(dialled, host) && !slices.Contains(written, host) {
			return fmt.Errorf("got the https host %q, which is not known: TDLib might connect to it; this build of TDLib is newer than telekey", host)
		}
	}
	return nil
}

// replaceHosts writes loopback addresses over the hosts that TDLib connects to.
func replaceHosts(out []byte) {
	for _, host := range dialled {
		for at := bytes.Index(out, []byte(host)); at >= 0; at = bytes.Index(out, []byte(host)) {
			copy(out[at:], loopbackHost(len(host)))
		}
	}
}

// loopbackHost is a loopback address of n bytes, at least ten: with the port of
// discard, on which no server listens, and the beginning of a path where there is
// space for them. Names below .invalid would be asked of the machine's resolver.
func loopbackHost(n int) string {
	const short, long = "127.11.0.1", "127.0.0.1:9/"
	if n < len(long) {
		return short + strings.Repeat("/", n-len(short))
	}
	return long + strings.Repeat("x", n-len(long))
}
