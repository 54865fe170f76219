package sessiontest

import (
	"crypto/rsa"
	"math"
	"math/big"
	"time"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/session"
)

// Sample returns a session with a value in every field, the same each time. Its
// keys belong to no account.
func Sample() session.Data {
	var home, away [256]byte
	for i := range home {
		home[i], away[i] = byte(i), byte(255-i)
	}
	modulus := new(big.Int).SetBit(big.NewInt(1), 2047, 1)
	d := session.Data{
		Network: dc.Network{
			Name: "sample",
			DCs:  []dc.Endpoint{{ID: 2, Addr: "127.0.0.1:41002"}, {ID: 4, Addr: "127.0.0.1:41004"}},
			Keys: []*rsa.PublicKey{{N: modulus, E: 65537}},
			Home: 2,
		},
		Home: 2,
		Keys: map[int]session.Key{
			2: {Auth: session.NewAuthKey(home), Salt: math.MinInt64, Offset: -90 * time.Millisecond, SignedIn: true},
			4: {Auth: session.NewAuthKey(away), Salt: 1<<53 + 1},
		},
		User: &session.User{ID: 5000000001, FirstName: "Ann", LastName: "Åström \"quoted\"", Phone: "9996620001"},

		Pending:   &session.Pending{Way: "phone", Phone: "9996620002"},
		LoggedOut: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
		Ended:     "SESSION_EXPIRED",
	}
	d.AddToken(session.NewToken("an older token"))
	d.AddToken(session.NewToken([]byte{0, 255, '\n'}))
	return d
}
