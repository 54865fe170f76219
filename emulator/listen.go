package emulator

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/telekey/telekey/dc"
)

// checkListen checks the addresses and the ports of a Config.
func (c *Config) checkListen() error {
	switch last := c.lastPort(); {
	case c.Addresses != nil && c.Listen != "":
		return errors.New("addresses: got Listen as well, want one of the two")
	case c.Addresses != nil && len(c.Addresses) != len(c.DCs):
		return fmt.Errorf("addresses: got %d, want one for each of the %d data centres", len(c.Addresses), len(c.DCs))
	case c.Port < 0 || c.Port > 0 && last > 65535:
		return fmt.Errorf("port: got %d, want every data centre's port below 65536", c.Port)
	}
	for i, address := range c.Addresses {
		if address == "" || slices.Contains(c.Addresses[:i], address) {
			return fmt.Errorf("addresses: got %q in %q, want different addresses", address, c.Addresses)
		}
	}
	return nil
}

func (c *Config) lastPort() int {
	if c.Addresses != nil {
		return c.Port
	}
	return c.Port + slices.Max(c.DCs) - 1
}

// endpoint is where data centre id, the nth of DCs, listens.
func (c *Config) endpoint(n, id int) (host string, port int) {
	host, port = c.Listen, c.Port
	if c.Addresses != nil {
		return c.Addresses[n], port
	}
	if port != 0 {
		port += id - 1
	}
	return host, port
}

// listen opens a port for each data centre.
func (s *Server) listen() error {
	for n, id := range s.cfg.DCs {
		host, port := s.cfg.endpoint(n, id)
		l, err := s.cfg.Listener(family(host), net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("data centre %d: %w; is another emulator running? with port 0 a free one is taken", id, err)
		}
		centre := s.newCentre(id, l)
		s.centres = append(s.centres, centre)
		if centre.addr, err = netip.ParseAddrPort(l.Addr().String()); err != nil {
			return fmt.Errorf("data centre %d: got the listening address %q, want IP:port", id, l.Addr())
		}
		s.world.centres = append(s.world.centres, place{id, centre.addr})
		s.network.DCs = append(s.network.DCs, dc.Endpoint{ID: id, Addr: reachable(centre.addr).String()})
	}
	s.network.Keys = []*rsa.PublicKey{&s.cfg.Key.PublicKey}
	s.network.Test = s.cfg.Test
	if s.cfg.ListenTDLib {
		if err := s.listenTDLib(); err != nil {
			return err
		}
	}
	return s.advertise(s.cfg.Advertise)
}

// family is the network to listen on: "tcp" would make of 0.0.0.0 the IPv6 address
// of everything.
func family(host string) string {
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		return "tcp4"
	}
	return "tcp"
}

// advertise tells clients another host than that of the listeners. The network
// file has it as it is; help.getConfig has addresses alone.
// https://core.telegram.org/constructor/dcOption
func (s *Server) advertise(host string) error {
	if host == "" {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		found, err := net.LookupIP(host)
		if err != nil || len(found) == 0 {
			return fmt.Errorf("advertise: got %q, want an IP address or a name that this machine can resolve: %w", host, err)
		}
		ip, _ = netip.AddrFromSlice(found[0])
	}
	s.world.advertised = ip.Unmap()
	for i, centre := range s.centres {
		s.network.DCs[i].Addr = net.JoinHostPort(host, strconv.Itoa(int(centre.addr.Port())))
	}
	return nil
}

// reachable is the address by which this machine reaches a listener that
// listens on all of them.
func reachable(a netip.AddrPort) netip.AddrPort {
	switch {
	case !a.Addr().IsUnspecified():
		return a
	case a.Addr().Is4():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), a.Port())
}
