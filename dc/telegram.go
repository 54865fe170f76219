package dc

import (
	"crypto/rsa"
	"sync"
)

// The names of Telegram's own networks, and the identities of whatever
// network has their keys.
const (
	production = "production"
	test       = "test"
)

// Production returns Telegram's production network.
// https://core.telegram.org/api/datacenter
func Production() Network {
	return Network{
		Name: production,
		Home: 2,
		Keys: []*rsa.PublicKey{mustParseKey(productionKey)},
		DCs: []Endpoint{
			{1, "149.154.175.50:443"}, {1, "149.154.175.53:443"}, {1, "[2001:b28:f23d:f001::a]:443"},
			{2, "149.154.167.50:443"}, {2, "149.154.167.51:443"}, {2, "[2001:67c:4e8:f002::a]:443"},
			{3, "149.154.175.100:443"}, {3, "[2001:b28:f23d:f003::a]:443"},
			{4, "149.154.167.91:443"}, {4, "149.154.167.92:443"}, {4, "[2001:67c:4e8:f004::a]:443"},
			{5, "91.108.56.130:443"}, {5, "149.154.171.5:443"}, {5, "[2001:b28:f23f:f005::a]:443"},
		},
	}
}

// Test returns Telegram's test network: other accounts, the same API. Telegram
// wipes it from time to time.
// https://core.telegram.org/api/auth#test-accounts
func Test() Network {
	return Network{
		Name: test,
		Test: true,
		Home: 2,
		Keys: []*rsa.PublicKey{mustParseKey(testKey)},
		DCs: []Endpoint{
			{1, "149.154.175.10:443"}, {1, "[2001:b28:f23d:f001::e]:443"},
			{2, "149.154.167.40:443"}, {2, "[2001:67c:4e8:f002::e]:443"},
			{3, "149.154.175.117:443"}, {3, "[2001:b28:f23d:f003::e]:443"},
		},
	}
}

// telegram lists the keys that make a network Telegram's. Nothing changes them.
var telegram = sync.OnceValue(func() []telegramKey {
	return []telegramKey{{production, mustParseKey(productionKey)}, {test, mustParseKey(testKey)}}
})

type telegramKey struct {
	name string
	key  *rsa.PublicKey
}

func mustParseKey(text string) *rsa.PublicKey {
	key, err := parseKey(text)
	if err != nil {
		panic("dc: a key that is compiled in: " + err.Error())
	}
	return key
}

// Telegram publishes both keys to everyone who registers an application.
// https://core.telegram.org/api/obtaining_api_id
const (
	// Fingerprint d09d1d85de64fd85.
	productionKey = `-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEA6LszBcC1LGzyr992NzE0ieY+BSaOW622Aa9Bd4ZHLl+TuFQ4lo4g
5nKaMBwK/BIb9xUfg0Q29/2mgIR6Zr9krM7HjuIcCzFvDtr+L0GQjae9H0pRB2OO
62cECs5HKhT5DZ98K33vmWiLowc621dQuwKWSQKjWf50XYFw42h21P2KXUGyp2y/
+aEyZ+uVgLLQbRA1dEjSDZ2iGRy12Mk5gpYc397aYp438fsJoHIgJ2lgMv5h7WY9
t6N/byY9Nw9p21Og3AoXSL2q/2IJ1WRUhebgAdGVMlV1fkuOQoEzR7EdpqtQD9Cs
5+bfo3Nhmcyvk5ftB0WkJ9z6bNZ7yxrP8wIDAQAB
-----END RSA PUBLIC KEY-----
`
	// Fingerprint b25898df208d2603.
	testKey = `-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAyMEdY1aR+sCR3ZSJrtztKTKqigvO/vBfqACJLZtS7QMgCGXJ6XIR
yy7mx66W0/sOFa7/1mAZtEoIokDP3ShoqF4fVNb6XeqgQfaUHd8wJpDWHcR2OFwv
plUUI1PLTktZ9uW2WE23b+ixNwJjJGwBDJPQEQFBE+vfmH0JP503wr5INS1poWg/
j25sIWeYPHYeOrFp/eXaqhISP6G+q2IeTaWTXpwZj4LzXq5YOpk4bYEQ6mvRq7D1
aHWfYmlEGepfaYR8Q0YqvvhYtMte3ITnuSJs171+GDqpdKcSwHnd6FudwGO4pcCO
j4WcDuXc2CTHgH8gFTNhp/Y8/SpDOhvn9QIDAQAB
-----END RSA PUBLIC KEY-----
`
)
