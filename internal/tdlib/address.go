package tdlib

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"

	"github.com/telekey/telekey/dc"
)

// An address is replaced by its first bytes: gcc keeps addresses as strings, but
// clang has them as constants in its code, seven or eight bytes in each, and one
// constant may be part of several addresses.
type address struct{ old, new string }

// ipv4 are the beginnings of TDLib's IPv4 addresses, and ipv6 those of its IPv6
// addresses, in both spellings. TDLib reads an address up to its first zero byte.
//
// https://core.telegram.org/resources/cidr.txt
var (
	ipv4 = []address{{"149.154", "127.154"}, {"95.161.", "127.61."}}
	ipv6 = []address{
		{"2001:b2", "::1\x00\x00\x00\x00"}, {"2001:67", "::1\x00\x00\x00\x00"},
		{"2001:0b2", "::1\x00\x00\x00\x00\x00"}, {"2001:067", "::1\x00\x00\x00\x00\x00"},
	}
)

// telegrams are beginnings of Telegram's other addresses, which no known TDLib
// has compiled in.
var telegrams = []string{"91.108.", "91.105.", "185.76.1", "2a0a:f28"}

// replaceAddresses writes loopback addresses over Telegram's.
func replaceAddresses(out []byte) error {
	for _, a := range ipv4 {
		if bytes.Contains(out, []byte(a.new)) {
			return fmt.Errorf("got the address %s in the library, want none: it is patched already; begin with TDLib's own", a.new)
		}
	}
	found := replaceAll(out, ipv4[0])
	replaceAll(out, ipv4[1])
	if found == 0 {
		return errors.New("got no address of a data centre (149.154.…), want at least one; is this libtdjson for x86-64?")
	}
	found = 0
	for _, a := range ipv6 {
		found += replaceAll(out, a)
	}
	if found == 0 {
		return errors.New("got no IPv6 address of a data centre (2001:b28:… or 2001:67c:…), want at least one; is this libtdjson for x86-64?")
	}
	return nil
}

// replaceAll writes a.new over every a.old, in place, and returns how many there
// were.
func replaceAll(out []byte, a address) (n int) {
	for at := 0; ; n++ {
		i := bytes.Index(out[at:], []byte(a.old))
		if i < 0 {
			return n
		}
		at += i + copy(out[at+i:], a.new)
	}
}

// verify reports an address, key or host of Telegram's that is left in a copy.
func verify(out []byte) error {
	var left []string
	for _, a := range append(append([]address{}, ipv4...), ipv6...) {
		left = append(left, a.old)
	}
	left = append(left, telegrams...)
	left = append(left, dialled...)
	for _, network := range []dc.Network{dc.Production(), dc.Test()} {
		left = append(left, string(formatKey(network.Keys[0])))
	}
	for _, text := range left {
		if i := bytes.Index(out, []byte(text)); i >= 0 {
			return fmt.Errorf("got %.24q at byte %d of the copy, want no address of Telegram's; this build of TDLib is not known, and nothing was written", text, i)
		}
	}
	return nil
}

// checkLoopback refuses a network with an address of another machine.
func checkLoopback(network dc.Network) error {
	for i, endpoint := range network.DCs {
		if host, _, err := net.SplitHostPort(endpoint.Addr); err != nil || !isLoopback(host) {
			return fmt.Errorf("dcs[%d].addr: got %q, want a loopback address, 127.0.0.1 for instance: a copy is for an emulator on this machine", i, endpoint.Addr)
		}
	}
	if network.Control == "" {
		return nil
	}
	if u, err := url.Parse(network.Control); err != nil || !isLoopback(u.Hostname()) {
		return fmt.Errorf("control: got %q, want a URL with a loopback address", network.Control)
	}
	return nil
}

// isLoopback takes IP addresses alone: a name can be anywhere.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
