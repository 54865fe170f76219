package emulator_test

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/internal/frame"
)

// tdlibs are the listeners of TDLib's addresses, on free ports of this machine.
type tdlibs struct {
	sync.Mutex
	forbidden map[string]bool   // ports of TDLib's
	addrs     map[string]string // one of each port of TDLib's
}

func (l *tdlibs) listen(network, address string) (net.Listener, error) {
	host, port, _ := net.SplitHostPort(address)
	// The last address, so that the ones before it have to be given back.
	if l.forbidden[port] && host == "127.154.171.5" {
		return nil, &net.OpError{Op: "listen", Net: network, Err: syscall.EACCES}
	}
	listener, err := net.Listen(network, "127.0.0.1:0")
	if err == nil {
		l.Lock()
		if l.addrs == nil {
			l.addrs = map[string]string{}
		}
		l.addrs[port] = listener.Addr().String()
		l.Unlock()
	}
	return listener, err
}

func TestPortsOfTDLibsThatAreNotPermittedAreLeftOut(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("TDLib's addresses are of Linux alone")
	}
	l := tdlibs{forbidden: map[string]bool{"443": true}}
	srv, err := emulator.Start(emulator.Config{ListenTDLib: true, Listener: l.listen})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for _, port := range []string{"80", "5222"} {
		if !answered(t, l.addrs[port], 2) {
			t.Errorf("port %s: got no answer, want one", port)
		}
	}
	if c, err := net.Dial("tcp", l.addrs["443"]); err == nil {
		c.Close()
		t.Error("got a connection to a listener of port 443, want all of them closed")
	}
	l = tdlibs{forbidden: map[string]bool{"5222": true}}
	if srv, err := emulator.Start(emulator.Config{ListenTDLib: true, Listener: l.listen}); err == nil {
		srv.Close()
		t.Error("got no error, want one: no port above 1024 is left")
	}
}

// answered reports whether a key exchange begins on a connection whose header
// names dc.
func answered(t *testing.T, addr string, dc int) bool {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	header, o, err := frame.SealHeader(rand.Reader, frame.Intermediate, dc, nil)
	if err != nil {
		t.Fatal(err)
	}
	// req_pq_multi#be7e8ef1 in an unencrypted message.
	message := make([]byte, 8)
	message = binary.LittleEndian.AppendUint64(message, uint64(time.Now().Unix())<<32)
	message = binary.LittleEndian.AppendUint32(message, 20)
	message = binary.LittleEndian.AppendUint32(message, 0xbe7e8ef1)
	message = append(message, make([]byte, 15)...)
	message = append(message, 1)
	packet := append(binary.LittleEndian.AppendUint32(nil, uint32(len(message))), message...)
	o.Out.XORKeyStream(packet, packet)
	if _, err := c.Write(append(header, packet...)); err != nil {
		t.Fatal(err)
	}
	n, _ := c.Read(make([]byte, 4))
	return n > 0
}

func TestTDLibsAddressesLeadToTheDataCentreOfTheHeader(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("TDLib's addresses are of Linux alone")
	}
	for _, test := range []bool{false, true} {
		var l tdlibs
		srv, err := emulator.Start(emulator.Config{ListenTDLib: true, Test: test, Listener: l.listen})
		if err != nil {
			t.Fatal(err)
		}
		defer srv.Close()
		offset := 0
		if test {
			offset = 10_000
		}
		for dc, want := range map[int]bool{
			1 + offset: true, 2 + offset: true, 3 + offset: true, -2 - offset: true, // the last is for media
			4 + offset: false, 0: false, 12 + offset: false, 2 + 10_000 - offset: false, // the last is of the other network
		} {
			if got := answered(t, l.addrs["5222"], dc); got != want {
				t.Errorf("test %v, data centre %d: got the answer %v, want %v", test, dc, got, want)
			}
		}
	}
}

func TestTDLibsAddressesAreOfLinuxAlone(t *testing.T) {
	if runtime.GOOS == "linux" {
		t.Skip("this is Linux")
	}
	if srv, err := emulator.Start(emulator.Config{ListenTDLib: true}); err == nil {
		srv.Close()
		t.Error("got no error, want one that says that Linux is needed")
	}
}
