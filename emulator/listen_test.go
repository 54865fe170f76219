package emulator_test

import (
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/telekey/telekey/emulator"
)

// freePort is a port that is free on all given addresses.
func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestEachDataCentreListensOnItsAddressAndAllOnOnePort(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("127.0.0.2 is a loopback address on Linux alone")
	}
	port := freePort(t)
	srv, err := emulator.Start(emulator.Config{Addresses: []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"}, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for i, endpoint := range srv.Network().DCs {
		if host, _, _ := net.SplitHostPort(endpoint.Addr); host != []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"}[i] {
			t.Errorf("data centre %d: got %s", endpoint.ID, endpoint.Addr)
		}
		if !strings.HasSuffix(endpoint.Addr, srv.Network().DCs[0].Addr[len("127.0.0.1"):]) {
			t.Errorf("data centre %d: got %s, want the port %d", endpoint.ID, endpoint.Addr, port)
		}
	}
}

func TestAddressesFitTheDataCentres(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  emulator.Config
		want string
	}{
		"too few":     {emulator.Config{Addresses: []string{"127.0.0.1", "127.0.0.2"}}, "got 2, want one for each of the 3"},
		"twice":       {emulator.Config{Addresses: []string{"127.0.0.1", "127.0.0.2", "127.0.0.1"}}, "want different addresses"},
		"with Listen": {emulator.Config{Addresses: []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"}, Listen: "127.0.0.1"}, "one of the two"},
	} {
		if srv, err := emulator.Start(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
			if err == nil {
				srv.Close()
			}
		}
	}
}
