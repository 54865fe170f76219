package sim

import (
	"math/rand/v2"
	"time"

	"github.com/telekey/telekey/emulator"
)

// longestDelay bounds the time that a server takes for a call.
const longestDelay = time.Minute

// serverRules draws the faults that the servers inject into calls and key exchanges.
func (s seed) serverRules() (rules []emulator.Rule) {
	r := s.random("whims")
	if !s.onlyServerFaults() && r.IntN(2) == 0 {
		return nil
	}
	for range 1 + r.IntN(4) {
		rule := s.serverRule(r)
		rule.Probability, rule.Seed = 0.02+0.3*r.Float64(), r.Uint64()
		if r.IntN(2) == 0 {
			rule.Times = 1 + r.IntN(6)
		}
		rules = append(rules, rule)
	}
	return rules
}

func (s seed) serverRule(r *rand.Rand) emulator.Rule {
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
	case s.onlyServerFaults() && s.usesPFS() && r.IntN(2) == 0:
		return emulator.Rule{Method: all, Do: "forget_key"}
	case s.onlyServerFaults(): // see apply
		return emulator.Rule{Method: all, Do: "forget_session", When: one("before", "after")}
	}
	return emulator.Rule{Method: all, Do: "transport_error", Code: -429}
}

// onlyServerFaults reports whether only the servers inject faults.
func (s seed) onlyServerFaults() bool { return s.random("skies").IntN(5) == 0 }

// usesPFS reports whether clients use temporary keys.
func (s seed) usesPFS() bool { return s.random("secrecy").IntN(4) == 0 }

// cheapRandom is a source of random bytes that saves time. It clears most of a
// Diffie-Hellman exponent, which is 256 bytes long: otherwise the servers' arithmetic
// would be half the cost of a storm, and no secret needs protection here.
type cheapRandom struct{ from *rand.ChaCha8 }

func (s seed) cheapRandom() cheapRandom {
	r := s.random("server")
	var key [32]byte
	for i := range key {
		key[i] = byte(r.Uint32())
	}
	return cheapRandom{rand.NewChaCha8(key)}
}

// Read never fails.
func (t cheapRandom) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	if len(p) == 256 {
		clear(p[:256-16])
	}
	return n, err
}
