package mtproto

import (
	"io"
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// salts are the server salts of one key, one after the other.
//
// A salt is given out for half an hour, and accepted for half an hour more.
// https://core.telegram.org/mtproto/description#server-salt
type salts struct {
	random io.Reader
	chain  []saltSpan // ascending, without gaps; the first may be over
}

type saltSpan struct {
	salt  Salt
	since time.Time
}

const (
	saltLife  = 30 * time.Minute
	saltGrace = 30 * time.Minute

	// A client may use a future salt by its own clock, which is a little ahead.
	saltAhead = maxAhead

	maxFutureSalts = 64
)

// begin starts with a salt; 0 stands for a random one.
func (s *salts) begin(now time.Time, salt Salt) {
	for salt == 0 {
		salt = Salt(random64(s.random))
		if salt == 0 {
			salt = 1 // a source of nothing but zeros
		}
	}
	s.chain = append(s.chain[:0], saltSpan{salt, now})
}

// until makes the chain reach beyond a moment and drops what is over by now.
func (s *salts) until(now, t time.Time) {
	for len(s.chain) > 0 && !now.Before(s.chain[0].since.Add(saltLife+saltGrace)) {
		s.chain = s.chain[1:]
	}
	if len(s.chain) == 0 {
		s.begin(now, 0)
	}
	for len(s.chain) < 2*maxFutureSalts {
		last := s.chain[len(s.chain)-1].since.Add(saltLife)
		if last.After(t) {
			return
		}
		s.chain = append(s.chain, saltSpan{Salt(random64(s.random)), last})
	}
}

// current returns the salt of this half hour.
func (s *salts) current(now time.Time) (salt Salt) {
	s.until(now, now)
	for _, span := range s.chain {
		if !span.since.After(now) || salt == 0 {
			salt = span.salt
		}
	}
	return salt
}

// accepts says whether a message with this salt is taken.
func (s *salts) accepts(now time.Time, salt Salt) bool {
	s.until(now, now)
	for _, span := range s.chain {
		if span.salt == salt && !span.since.After(now.Add(saltAhead)) {
			return true
		}
	}
	return false
}

// future returns the salts of the next half hours, this one first.
// https://core.telegram.org/mtproto/service_messages#request-for-several-future-salts
func (s *salts) future(now time.Time, n int) (future []*mt.FutureSalt) {
	n = max(1, min(n, maxFutureSalts))
	s.until(now, now.Add(time.Duration(n)*saltLife))
	for _, span := range s.chain {
		if end := span.since.Add(saltLife); end.After(now) && len(future) < n {
			future = append(future, &mt.FutureSalt{
				ValidSince: int32(span.since.Unix()), ValidUntil: int32(end.Add(saltGrace).Unix()), Salt: int64(span.salt),
			})
		}
	}
	return future
}
