package dc

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
)

// maxDC is the highest number of a data centre: 10000 more means test.
const maxDC = testOffset - 1

// keyBits is the size of an RSA key: the ciphertext in a key exchange is 256
// bytes long.
// https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
const keyBits = 2048

// Validate returns an error for the first rule that n breaks. The error names the
// field as network files do. Parse and ReadFile call it.
func (n Network) Validate() error {
	if len(n.DCs) == 0 {
		return errors.New("dcs: got none, want at least one data centre")
	}
	for i, o := range n.DCs {
		if err := o.validate(); err != nil {
			return fmt.Errorf("dcs[%d].%w", i, err)
		}
	}
	if len(n.Keys) == 0 {
		return errors.New("public_keys: got none, want at least one key")
	}
	for i, key := range n.Keys {
		if err := validateKey(key); err != nil {
			return fmt.Errorf("public_keys[%d]: %w", i, err)
		}
	}
	if _, ok := n.Endpoint(n.Home); n.Home != 0 && !ok {
		return fmt.Errorf("home: got %d, want one of the data centres in dcs", n.Home)
	}
	if n.Control != "" && !strings.HasPrefix(n.Control, "http://") && !strings.HasPrefix(n.Control, "https://") {
		return fmt.Errorf("control: got %q, want a URL that begins with http:// or https://", n.Control)
	}
	return n.validateOwner()
}

// validate holds one data centre to its rules.
func (o Endpoint) validate() error {
	if o.ID < 1 || o.ID > maxDC {
		return fmt.Errorf("id: got %d, want a number from 1 to %d", o.ID, maxDC)
	}
	host, port, err := net.SplitHostPort(o.Addr)
	number, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || number == 0 || host == "" || strings.ContainsAny(host, " \t\r\n/@") {
		return fmt.Errorf("addr: got %q, want host:port with a port from 1 to 65535", o.Addr)
	}
	return nil
}

// validateKey holds one public key to the rules of RSA and of key exchanges.
func validateKey(key *rsa.PublicKey) error {
	switch {
	case key == nil || key.N == nil:
		return errors.New("got no key")
	case key.N.Sign() <= 0 || key.N.BitLen() != keyBits:
		return fmt.Errorf("got a modulus of %d bits, want a positive one of %d", key.N.BitLen(), keyBits)
	case key.N.Bit(0) == 0:
		return errors.New("got an even modulus, want a product of two odd primes")
	case key.E < 3 || key.E > math.MaxInt32 || key.E%2 == 0:
		return fmt.Errorf("got the exponent %d, want an odd number from 3 to %d", key.E, math.MaxInt32)
	}
	return nil
}

// validateOwner holds names and keys together: Telegram's names belong to
// Telegram's keys, and a network has the keys of one of Telegram's networks and
// no others, or none of them. A second key would let its holder answer in
// Telegram's name.
func (n Network) validateOwner() error {
	owner := n.owner()
	for _, t := range telegram() {
		if n.has(t.key) && owner == "" {
			return fmt.Errorf("public_keys: got the key of Telegram's %s network beside another key, "+
				"want that network's keys alone, or none of Telegram's: remove one", t.name)
		}
	}
	if (n.Name == production || n.Name == test) && n.Name != owner {
		return fmt.Errorf("name: got %q, but Telegram's key of that network is not in public_keys", n.Name)
	}
	if owner != "" && n.Test != (owner == test) {
		return fmt.Errorf("test: got %v, but public_keys holds the key of Telegram's %s network", n.Test, owner)
	}
	return nil
}
