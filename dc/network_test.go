package dc

import (
	"crypto/rsa"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// local returns a network of this test.
func local(t testing.TB) Network {
	t.Helper()
	key, err := parseKey(readTestdata(t, "local.pkcs1.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return Network{
		DCs:     []Endpoint{{1, "127.0.0.1:41001"}, {2, "127.0.0.1:41002"}, {3, "[::1]:41003"}},
		Keys:    []*rsa.PublicKey{key},
		Control: "http://127.0.0.1:41000",
	}
}

func readTestdata(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fingerprint names a key in a key exchange: the last eight bytes of the
// SHA-1 of its numbers as TL strings.
// https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
func fingerprint(key *rsa.PublicKey) string {
	tl := []byte{254, 0, 1, 0} // a modulus of 256 bytes
	tl = append(tl, key.N.Bytes()...)
	e := big.NewInt(int64(key.E)).Bytes()
	tl = append(append(tl, byte(len(e))), e...)
	tl = append(tl, make([]byte, -len(tl)&3)...)
	sum := sha1.Sum(tl)
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, binary.LittleEndian.Uint64(sum[12:])))
}

func TestTelegramsKeysAreThoseThatOthersHave(t *testing.T) {
	var file struct {
		Vectors []struct{ Name, PEM, Modulus, Exponent, Fingerprint string }
	}
	if err := json.Unmarshal([]byte(readTestdata(t, "keys.json")), &file); err != nil {
		t.Fatal(err)
	}
	networks := []Network{Production(), Test()}
	if len(file.Vectors) != len(networks) {
		t.Fatalf("got %d keys, want %d", len(file.Vectors), len(networks))
	}
	for i, v := range file.Vectors {
		n := networks[i]
		if len(n.Keys) != 1 {
			t.Fatalf("%s: got %d keys, want 1", n.Name, len(n.Keys))
		}
		key := n.Keys[0]
		modulus, _ := new(big.Int).SetString(v.Modulus, 16)
		exponent, _ := new(big.Int).SetString(v.Exponent, 16)
		if key.N.Cmp(modulus) != 0 || int64(key.E) != exponent.Int64() {
			t.Errorf("%s: the key differs from that of %s", n.Name, v.Name)
		}
		if got := fingerprint(key); got != v.Fingerprint {
			t.Errorf("%s: got fingerprint %s, want %s", n.Name, got, v.Fingerprint)
		}
		if got := formatKey(key); got != v.PEM {
			t.Errorf("%s: written as\n%s\nwant\n%s", n.Name, got, v.PEM)
		}
	}
}

func TestTelegramsNetworksObeyTheRules(t *testing.T) {
	for want, n := range map[string]Network{"production": Production(), "test": Test()} {
		if err := n.Validate(); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if n.Name != want || n.Identity() != want || n.Test != (want == "test") || n.Start() != 2 {
			t.Errorf("%s: got name %q, identity %q, test %v, start at %d", want, n.Name, n.Identity(), n.Test, n.Start())
		}
		for _, o := range n.DCs {
			host, _, _ := net.SplitHostPort(o.Addr)
			if net.ParseIP(host) == nil {
				t.Errorf("%s: %s is not an address", want, o.Addr)
			}
		}
	}
	for n, want := range map[*Network]string{new(Production()): "149.154.167.50:443", new(Test()): "149.154.167.40:443"} {
		if o, ok := n.Endpoint(2); !ok || o.Addr != want {
			t.Errorf("%s: data centre 2 is at %s, want %s", n.Name, o.Addr, want)
		}
	}
}

func TestNobodyCanChangeTelegramsNetworksForOthers(t *testing.T) {
	n := Production()
	n.DCs[0].Addr = "127.0.0.1:1"
	n.Keys[0].N.SetInt64(15)
	if again := Production(); again.DCs[0].Addr == n.DCs[0].Addr || again.Identity() != "production" {
		t.Error("a change reached the next caller")
	}
}

func TestIdentityIsWhoHoldsTheKeys(t *testing.T) {
	n := local(t)
	id := n.Identity()
	if len(id) != 16 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("got identity %q, want 16 hex digits", id)
	}

	moved := local(t)
	moved.Name, moved.Home, moved.Test, moved.Control = "moved", 3, true, ""
	moved.DCs = []Endpoint{{3, "192.0.2.1:443"}}
	if moved.Identity() != id {
		t.Errorf("the same keys elsewhere: got %s, want %s", moved.Identity(), id)
	}

	other := &rsa.PublicKey{N: new(big.Int).Add(n.Keys[0].N, big.NewInt(2)), E: 65537}
	grown, turned := n, n
	grown.Keys = []*rsa.PublicKey{n.Keys[0], other, other}
	turned.Keys = []*rsa.PublicKey{other, n.Keys[0]}
	if grown.Identity() == id || grown.Identity() != turned.Identity() {
		t.Errorf("two keys: got %s and %s in another order, want the same, and not %s", grown.Identity(), turned.Identity(), id)
	}

	for _, telegrams := range []Network{Production(), Test()} {
		disguised := local(t)
		disguised.Keys = telegrams.Keys
		if got := disguised.Identity(); got != telegrams.Name {
			t.Errorf("with Telegram's key and no name: got %s, want %s", got, telegrams.Name)
		}
		if !disguised.IsTelegram() {
			t.Errorf("with the key of %s and no name: not Telegram's", telegrams.Name)
		}
	}
	claimed := local(t)
	claimed.Name = "production"
	if got := claimed.Identity(); got != id || claimed.IsTelegram() {
		t.Errorf("with Telegram's name and another key: got %s, want %s", got, id)
	}
}

func TestOnlyATestNetworkAddsTenThousand(t *testing.T) {
	if got := Test().KeyDC(2); got != 10002 {
		t.Errorf("test: got %d, want 10002", got)
	}
	if got := Production().KeyDC(2); got != 2 {
		t.Errorf("production: got %d, want 2", got)
	}
}

func TestStartIsHomeOrTwoOrTheFirst(t *testing.T) {
	for _, c := range []struct {
		n    Network
		want int
	}{
		{Network{DCs: []Endpoint{{1, "a:1"}, {2, "a:2"}}}, 2},
		{Network{DCs: []Endpoint{{4, "a:1"}, {5, "a:2"}}}, 4},
		{Network{DCs: []Endpoint{{4, "a:1"}, {2, "a:2"}}, Home: 4}, 4},
		{Network{}, 0},
	} {
		if got := c.n.Start(); got != c.want {
			t.Errorf("%v: got %d, want %d", c.n, got, c.want)
		}
	}
}

func TestADataCentreMayHaveSeveralAddresses(t *testing.T) {
	n := Production()
	if got := n.Endpoints(4); len(got) != 3 || got[0].Addr != "149.154.167.91:443" {
		t.Errorf("data centre 4: got %v", got)
	}
	if _, ok := n.Endpoint(6); ok || n.Endpoints(6) != nil {
		t.Error("data centre 6: got one, want none")
	}
}

func TestOnlyNothingIsZero(t *testing.T) {
	if !(Network{}).IsZero() {
		t.Error("the zero Network is not zero")
	}
	for _, n := range []Network{{Name: "x"}, {Test: true}, {Home: 2}, {Control: "x"}, Production(), {DCs: make([]Endpoint, 1)}} {
		if n.IsZero() {
			t.Errorf("%+v is zero", n)
		}
	}
	// A field that Network gains has to be compared there too.
	if got := reflect.TypeFor[Network]().NumField(); got != 6 {
		t.Errorf("Network has %d fields: teach IsZero the new ones", got)
	}
}

func TestEveryRuleSaysWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Network){
		"dcs: got none":                            func(n *Network) { n.DCs = nil },
		"dcs[1].id: got 0, want":                   func(n *Network) { n.DCs[1].ID = 0 },
		"dcs[0].id: got 10002, want":               func(n *Network) { n.DCs[0].ID = 10002 },
		`dcs[2].addr: got "127.0.0.1", want host`:  func(n *Network) { n.DCs[2].Addr = "127.0.0.1" },
		`dcs[2].addr: got ":443"`:                  func(n *Network) { n.DCs[2].Addr = ":443" },
		`dcs[2].addr: got "host:0"`:                func(n *Network) { n.DCs[2].Addr = "host:0" },
		`dcs[2].addr: got "host:65536"`:            func(n *Network) { n.DCs[2].Addr = "host:65536" },
		`dcs[2].addr: got "host:https"`:            func(n *Network) { n.DCs[2].Addr = "host:https" },
		`dcs[2].addr: got "me@host:1"`:             func(n *Network) { n.DCs[2].Addr = "me@host:1" },
		"public_keys: got none":                    func(n *Network) { n.Keys = nil },
		"public_keys[0]: got no key":               func(n *Network) { n.Keys[0] = nil },
		"public_keys[0]: got a modulus of 15 bits": func(n *Network) { n.Keys[0].N = big.NewInt(32767) },
		"public_keys[0]: got an even modulus":      func(n *Network) { n.Keys[0].N.SetBit(n.Keys[0].N, 0, 0) },
		"want a positive one":                      func(n *Network) { n.Keys[0].N.Neg(n.Keys[0].N) },
		"public_keys[0]: got the exponent 1, want": func(n *Network) { n.Keys[0].E = 1 },
		"public_keys[0]: got the exponent 4, want": func(n *Network) { n.Keys[0].E = 4 },
		"home: got 7, want one of":                 func(n *Network) { n.Home = 7 },
		`control: got "127.0.0.1:1", want a URL`:   func(n *Network) { n.Control = "127.0.0.1:1" },
		`name: got "production", but`:              func(n *Network) { n.Name = "production" },
		`name: got "test", but`:                    func(n *Network) { n.Name, n.Keys = "test", Production().Keys },
		"test: got true, but public_keys":          func(n *Network) { n.Test, n.Keys = true, Production().Keys },
		"test: got false, but public_keys":         func(n *Network) { n.Keys = Test().Keys },
		"production network beside another key":    func(n *Network) { n.Keys = append(Test().Keys, Production().Keys...) },
		"Telegram's production network beside":     func(n *Network) { n.Keys = append(n.Keys, Production().Keys...) },
		"Telegram's test network beside another":   func(n *Network) { n.Test, n.Keys = true, append(Test().Keys, n.Keys...) },
	} {
		n := local(t)
		if err := n.Validate(); err != nil {
			t.Fatal(err)
		}
		spoil(&n)
		if err := n.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// The holder of the other key could answer in Telegram's name.
func TestTelegramsKeyBesideAnotherIsNotTelegrams(t *testing.T) {
	production, test, other := Production().Keys, Test().Keys, local(t).Keys
	for name, keys := range map[string][]*rsa.PublicKey{
		"production and another": slices.Concat(production, other),
		"another and production": slices.Concat(other, production),
		"test and another":       slices.Concat(test, other),
		"production and test":    slices.Concat(production, test),
		"production and no key":  slices.Concat(production, []*rsa.PublicKey{nil}),
	} {
		for _, base := range []Network{Production(), Test(), {DCs: Production().DCs}} {
			n := base
			n.Keys = keys
			if id := n.Identity(); id == "production" || id == "test" || n.IsTelegram() {
				t.Errorf("%s: got identity %q, Telegram's %v, want another network", name, id, n.IsTelegram())
			}
			if err := n.Validate(); err == nil {
				t.Errorf("%s: got a valid network, want an error", name)
			}
		}
	}
	twice := Production()
	twice.Keys = slices.Concat(production, production)
	if err := twice.Validate(); err != nil || twice.Identity() != "production" {
		t.Errorf("production's key listed twice: got %v, %q, want it to be production", err, twice.Identity())
	}
}
