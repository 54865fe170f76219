package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// freshFor is how long neither a new password nor a new login can be used for
// what cannot be undone.
// https://core.telegram.org/api/rights#ownership-transfer
const freshFor = 24 * time.Hour

// proveOwner decides whether the caller, who is signed in, may do what only the
// owner may: there is a password, it and the login are a day old, and the proof
// is right. Calls ask this before they look at anything else.
//
// Clients call with an empty proof first, to hear what stands in the way: with
// nothing in the way it is PASSWORD_HASH_INVALID, and then they ask for the
// password.
// https://core.telegram.org/api/srp#checking-the-password-with-srp
func (c *caller) proveOwner(now time.Time, proof tg.AnyInputCheckPasswordSRP) *refusal {
	a := c.account()
	if a.password == nil {
		return passwordMissing
	}
	if rest := a.password.since.Add(freshFor).Sub(now); rest > 0 {
		return numbered(tg.ErrPasswordTooFresh, seconds(rest))
	}
	if rest := c.key.login.created.Add(freshFor).Sub(now); rest > 0 {
		return numbered(tg.ErrSessionTooFresh, seconds(rest))
	}
	return a.prove(c, proof)
}

// seconds is a time that is left, in whole ones: when they are over, it is.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// getStarsRevenueWithdrawalURL answers payments.getStarsRevenueWithdrawalUrl: of
// the calls that only the owner may make, the one that needs nothing else here.
// There are no Stars behind the address.
// https://core.telegram.org/method/payments.getStarsRevenueWithdrawalUrl
func getStarsRevenueWithdrawalURL(_ *world, c *caller, now time.Time, q *tg.PaymentsGetStarsRevenueWithdrawalURL) (*tg.PaymentsStarsRevenueWithdrawalURL, *refusal) {
	if no := c.proveOwner(now, q.Password); no != nil {
		return nil, no
	}
	if _, self := q.Peer.(*tg.InputPeerSelf); !self {
		return nil, peerIDInvalid
	}
	return &tg.PaymentsStarsRevenueWithdrawalURL{URL: "https://fragment.com/stars/withdraw"}, nil
}
