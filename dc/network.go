// Package dc describes Telegram networks: the addresses of the data centres and
// the public keys that authenticate them.
//
// Telegram's own two networks are compiled in (Production and Test); any other
// is described by a network file, which Parse and ReadFile read and
// json.Marshal writes. The package opens no connection.
package dc

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// An Endpoint is one way to reach a data centre. A data centre may have several.
type Endpoint struct {
	ID   int    `json:"id"`   // of the data centre, from 1 to 9999
	Addr string `json:"addr"` // host:port, where MTProto is spoken over TCP
}

// A Network is a set of data centres that share accounts and public keys.
// Its methods do not change it.
type Network struct {
	Name    string           // "production" and "test" are Telegram's; "" for others
	Test    bool             // key exchanges name the data centre plus 10000
	DCs     []Endpoint       // in order of preference
	Keys    []*rsa.PublicKey // with one of these the servers prove themselves
	Home    int              // data centre to start at; 0: see Start
	Control string           // URL of an emulator's control API; "" without one
}

// IsZero reports whether n is the zero Network.
func (n Network) IsZero() bool {
	return n.Name == "" && !n.Test && len(n.DCs) == 0 && len(n.Keys) == 0 && n.Home == 0 && n.Control == ""
}

// Endpoint returns the preferred way to reach a data centre, and whether the
// network has that data centre.
func (n Network) Endpoint(dc int) (Endpoint, bool) {
	for _, o := range n.DCs {
		if o.ID == dc {
			return o, true
		}
	}
	return Endpoint{}, false
}

// Endpoints returns all ways to reach a data centre, the preferred one first.
func (n Network) Endpoints(dc int) []Endpoint {
	var all []Endpoint
	for _, o := range n.DCs {
		if o.ID == dc {
			all = append(all, o)
		}
	}
	return all
}

// usualHome is where most clients start, and Telegram expects new ones.
const usualHome = 2

// Start is the data centre to begin with when nothing is known about the
// account: Home, or else 2, or else the first one listed; 0 if there is none.
func (n Network) Start() int {
	if n.Home != 0 {
		return n.Home
	}
	if _, ok := n.Endpoint(usualHome); ok {
		return usualHome
	}
	if len(n.DCs) == 0 {
		return 0
	}
	return n.DCs[0].ID
}

// testOffset is what test networks add to the numbers of their data centres.
const testOffset = 10000

// KeyDC returns the number of a data centre in a key exchange with it.
//
// A server refuses the exchange when test and production are mixed up.
// https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
func (n Network) KeyDC(dc int) int {
	if n.Test {
		return dc + testOffset
	}
	return dc
}

// Identity names the network that n is a description of: "production" or
// "test" if its keys are those of Telegram's own and no others, otherwise a hash
// of the public keys in 16 hex digits. The contents of a session belong to one
// identity; on another network they are useless or dangerous.
//
// Only the keys count. Addresses change and a name can be copied, but a network
// cannot be imitated without its private keys.
func (n Network) Identity() string {
	if name := n.owner(); name != "" {
		return name
	}
	var all [][]byte
	for _, key := range n.Keys {
		if key != nil && key.N != nil {
			all = append(all, marshalKey(key))
		}
	}
	// A key's encoding says how long it is, so putting them one behind another is
	// unambiguous.
	slices.SortFunc(all, bytes.Compare)
	all = slices.CompactFunc(all, bytes.Equal)
	sum := sha256.Sum256(bytes.Join(all, nil))
	return hex.EncodeToString(sum[:8])
}

// IsTelegram reports whether n is one of Telegram's own networks, whatever its
// name and its addresses.
func (n Network) IsTelegram() bool { return n.owner() != "" }

// owner is the name of the network of Telegram's whose key n has, or "". A list
// with any other key beside it is not Telegram's: the holder of the other key
// could answer in Telegram's name.
func (n Network) owner() string {
	for _, t := range telegram() {
		if len(n.Keys) > 0 && !slices.ContainsFunc(n.Keys, func(k *rsa.PublicKey) bool { return !same(k, t.key) }) {
			return t.name
		}
	}
	return ""
}

// has reports whether key is among the keys of n.
func (n Network) has(key *rsa.PublicKey) bool {
	return slices.ContainsFunc(n.Keys, func(k *rsa.PublicKey) bool { return same(k, key) })
}

// same compares a key, which may be missing, with one of Telegram's.
func same(k, key *rsa.PublicKey) bool { return k != nil && k.N != nil && k.Equal(key) }
