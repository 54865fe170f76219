package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"

	"github.com/telekey/telekey/internal/crypt"
)

// processKey is made when first needed and then kept: making one takes longer
// than everything else that Start does.
var processKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	for {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil || findable(&key.PublicKey) {
			return key, err
		}
	}
})

// findable says whether every client can find the key by its fingerprint.
//
// Two JavaScript clients compare fingerprints as hex without leading zeros on one
// side only, so that a key in sixteen does not exist for them.
func findable(key *rsa.PublicKey) bool {
	return uint64(crypt.Fingerprint(key))>>60 != 0
}

// completeKey checks the given key, or takes the process's.
func (c *Config) completeKey() (err error) {
	switch {
	case c.Key == nil:
		if c.Key, err = processKey(); err != nil {
			return fmt.Errorf("key: %w", err)
		}
	case c.Key.N == nil || c.Key.D == nil || c.Key.N.BitLen() != 2048:
		return fmt.Errorf("key: got an RSA key of another size, want one of 2048 bits")
	case !findable(&c.Key.PublicKey):
		return fmt.Errorf("key: its fingerprint %016x begins with a zero, and some clients cannot find it; make another",
			uint64(crypt.Fingerprint(&c.Key.PublicKey)))
	}
	return nil
}
