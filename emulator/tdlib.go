package emulator

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"time"
)

// tdlibPorts are the ports that TDLib tries at every address, in its order. All but
// the last may take a privilege to listen on, or be another server's: without them
// the first connection of an instance takes two seconds.
var tdlibPorts = []string{"443", "80", "5222"}

// tdlibAddresses are the first addresses of TDLib's test and production networks,
// as telekey tdlib patch writes them.
//
// https://github.com/tdlib/td/blob/master/td/telegram/net/ConnectionCreator.cpp
var tdlibAddresses = []string{
	"127.154.175.10", "127.154.167.40", "127.154.175.117",
	"127.154.175.50", "127.154.167.51", "127.61.76.100", "127.154.175.100", "127.154.167.91", "127.154.171.5",
}

// listenTDLib opens the ports that patched libraries dial.
func (s *Server) listenTDLib() error {
	// Elsewhere each address of 127.0.0.0/8 but the first has to be set up first.
	if runtime.GOOS != "linux" {
		return errors.New("TDLib's addresses: got " + runtime.GOOS + ", want Linux, where all of 127.0.0.0/8 is loopback")
	}
	for i, port := range tdlibPorts {
		err := s.listenTDLibPort(port)
		if err == nil {
			continue
		}
		if i == len(tdlibPorts)-1 {
			return fmt.Errorf("TDLib's addresses: %w; is another emulator running with them?", err)
		}
		s.cfg.Log.Info("a new instance of TDLib takes two seconds to connect: it tries this port first", "port", port, "error", err)
	}
	return nil
}

// listenTDLibPort opens a port at each of TDLib's addresses, or at none.
func (s *Server) listenTDLibPort(port string) error {
	var opened []net.Listener
	for _, address := range tdlibAddresses {
		l, err := s.cfg.Listener("tcp4", net.JoinHostPort(address, port))
		if err != nil {
			for _, l := range opened {
				_ = l.Close()
			}
			return err
		}
		opened = append(opened, l)
	}
	s.tdlib = append(s.tdlib, opened...)
	return nil
}

// route finds a socket's data centre in its obfuscation header, where test data
// centres have 10000 more and those for media are negative.
//
// TDLib always writes it.
// https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
func (s *Server) route(k *socket) bool {
	named := 0
	if o := k.greeting.Obfuscation; o != nil {
		named = o.DC
	}
	id := max(named, -named)
	const test = 10_000
	if s.cfg.Test == (id >= test) {
		id %= test
	} else {
		id = 0
	}
	known := false
	err := s.ask(func(time.Time) {
		if centre := s.centre(id); centre != nil {
			k.centre, known = centre, true
		}
	})
	if err == nil && !known {
		s.cfg.Log.Warn("a client of TDLib's addresses names a data centre that this network does not have", "dc", named, "test", s.cfg.Test)
	}
	return known
}
