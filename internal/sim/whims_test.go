package sim

import (
	"math/rand/v2"
	"time"

	"github.com/telekey/telekey/emulator"
)

// longestDelay bounds how long a server thinks about a call.
const longestDelay = time.Minute

// whims draws what the servers do to calls and key exchanges of their own
// accord.
func (s seed) whims() (rules []emulator.Rule) {
	r := s.random("whims")
	if !s.fairSkies() && r.IntN(2) == 0 {
		return nil
	}
	for range 1 + r.IntN(4) {
		rule := s.whim(r)
		rule.Probability, rule.Seed = 0.02+0.3*r.Float64(), r.Uint64()
		if r.IntN(2) == 0 {
			rule.Times = 1 + r.IntN(6)
		}
		rules = append(rules, rule)
	}
	return rules
}

func (s seed) whim(r *rand.Rand) emulator.Rule {
	const all = "*"
	one := func(words ...string) string { return words[r.IntN(len(words))] }
	switch r.IntN(9) {
	case 0:
		return emulator.Rule{Method: all, Do: "delay", Delay: between(r, time.Second, longestDelay)}
	case 1:
		return emulator.Rule{Method: all, Do: "drop", When: one("before", "after")}
	case 2:
		return emulator.Rule{Method: all, Do: "cut", When: one("before", "after", "answered", "midway")}
	case 3:
		return emulator.Rule{Method: all, Do: one("bad_salt", "gzip")}
	case 4:
		return emulator.Rule{Method: "auth.sendCode", Do: "error", Code: 500, Message: "INTERNAL"}
	case 5:
		return emulator.Rule{Method: "auth.sendCode", Do: "error", Code: 420, Message: one("FLOOD_WAIT_2", "FLOOD_WAIT_30", "FLOOD_WAIT_3000")}
	case 6:
		return emulator.Rule{Frame: 1 + r.IntN(12), Do: one("drop", "cut"), When: one("before", "after")}
	case 7:
		return emulator.Rule{Step: one("req_pq", "req_dh_params", "set_client_dh_params"), Do: one("drop", "cut"), When: one("before", "after")}
	}
	switch {
	case s.fairSkies() && s.secretive() && r.IntN(2) == 0:
		return emulator.Rule{Method: all, Do: "forget_key"}
	case s.fairSkies(): // see suffer
		return emulator.Rule{Method: all, Do: "forget_session", When: one("before", "after")}
	}
	return emulator.Rule{Method: all, Do: "transport_error", Code: -429}
}

// fairSkies says whether it is the servers alone that make trouble.
func (s seed) fairSkies() bool { return s.random("skies").IntN(5) == 0 }

// secretive says whether clients use temporary keys.
func (s seed) secretive() bool { return s.random("secrecy").IntN(4) == 0 }

// thrift is a source of random bytes that saves time. An exponent of Diffie and
// Hellman, 256 bytes, has few digits that are not zero: half of what a storm
// costs would be the servers' arithmetic, and nobody is to be kept from guessing
// here.
type thrift struct{ from *rand.ChaCha8 }

func (s seed) thrift() thrift {
	r := s.random("server")
	var key [32]byte
	for i := range key {
		key[i] = byte(r.Uint32())
	}
	return thrift{rand.NewChaCha8(key)}
}

// Read never fails.
func (t thrift) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	if len(p) == 256 {
		clear(p[:256-16])
	}
	return n, err
}
