package emulator

import (
	"encoding/hex"
	"time"
)

// Code is a code as it was sent.
type Code struct {
	ID        int       `json:"id"`    // counts up from 1 within a Server
	Phone     string    `json:"phone"` // with the plus
	Code      string    `json:"code"`
	Channel   Channel   `json:"channel"`
	Email     string    `json:"email,omitempty"` // where it went, on the channel Email
	SentAt    time.Time `json:"sent_at"`         // by the account clock, see Server.FastForward
	ExpiresAt time.Time `json:"expires_at"`
}

// The rules for codes. Telegram publishes none of these numbers but the
// length of a test number's code.
const (
	codeLength    = 5
	codeLife      = 300 * time.Second
	resendTimeout = 60 // seconds after which a client may ask for the next channel
	maxWrongCodes = 5  // then the code is dead
)

// Bounds of what callers can make grow.
const (
	maxSentCodes    = 1000 // remembered for Codes
	maxCodeRequests = 20   // open ones of a key
)

// codeState is where a codeRequest stands.
type codeState int

const (
	codeSent     codeState = iota // the code may be typed in
	codeVerified                  // it was, and a new account is to be signed up
	codeDead                      // used, cancelled, or guessed at too often
	codeHeld                      // there is none yet: something else comes before
)

// codeRequest is one auth.sendCode and what followed from it. It belongs to the
// key on which it was made.
type codeRequest struct {
	phone phoneNumber
	hash  string
	state codeState
	wrong int
	sent  Code      // the last one: the only one that counts
	lost  bool      // it did not arrive
	until time.Time // of what the state allows

	ways     []Channel // in which codes go to this number, in order
	at       int       // the one that is taken
	resendAt time.Time // when the next one may be

	pushed bool         // the client can be sent a push notification, as Apple's can
	email  emailAddress // where codes go by mail, or will
	setup  *mailCode    // to prove that address, where it is new
	proven bool         // it was

	purpose purpose
}

// purpose is what a code is good for.
type purpose int

const (
	toSignIn purpose = iota
	toChangePhone
	toConfirmPhone
)

// requestTo is request for calls that only codes of a purpose go with.
func (k *authKey) requestTo(p purpose, now time.Time, phone, hash string) (*codeRequest, *refusal) {
	r, no := k.request(now, phone, hash)
	if no == nil && r.purpose != p {
		return nil, phoneCodeExpired
	}
	return r, no
}

// channel is the way that is taken.
func (r *codeRequest) channel() Channel { return r.ways[r.at] }

// next is the way that comes after it, by auth.resendCode; "": none. What holds a
// code back is not left by asking again.
func (r *codeRequest) next() Channel {
	if r.at+1 == len(r.ways) || r.channel() == Payment || r.channel() == EmailSetup {
		return ""
	}
	return r.ways[r.at+1]
}

// post is how reliably codes go out.
type post int

const (
	postArrives post = iota
	postLost
	postLate // when they are good for nothing any more
)

// outbox is every code that was sent, and who waits for one.
type outbox struct {
	sent    []Code
	last    int
	waiters []*waiter
}

// waiter waits for the next code to a phone, or to any if phone is "".
type waiter struct {
	phone string    // with the plus
	got   chan Code // has room for one
}

// requestCode opens a request for a code on key, and sends the first one.
func (w *world) requestCode(now time.Time, key *authKey, phone phoneNumber, ways []Channel) *codeRequest {
	r := &codeRequest{phone: phone, hash: hex.EncodeToString(w.randomBytes(9)), ways: ways}
	if a := w.accounts.byPhone[phone]; a != nil {
		r.email = a.loginEmail
	}
	key.dropDeadRequests(now)
	if len(key.requests) >= maxCodeRequests {
		key.requests = key.requests[1:]
	}
	key.requests = append(key.requests, r)
	if a := w.accounts.byPhone[phone]; a != nil {
		a.remember(now, r)
	}
	w.take(now, r, 0)
	return r
}

// take goes a way of r: a fresh code is sent, if nothing holds it back, and the
// one before is void.
func (w *world) take(now time.Time, r *codeRequest, at int) {
	r.at, r.resendAt = at, now.Add(resendTimeout*time.Second)
	switch r.channel() {
	case Payment, EmailSetup, Firebase:
		r.state, r.wrong, r.until, r.sent = codeHeld, 0, now.Add(codeLife), Code{}
	default:
		w.send(now, r)
	}
}

// send sends a fresh code for r on its channel.
func (w *world) send(now time.Time, r *codeRequest) {
	c := Code{Phone: r.phone.String(), Code: w.newCode(r.phone, r.channel()), Channel: r.channel()}
	if c.Channel == Email {
		c.Email = string(r.email)
	}
	r.sent, r.lost = w.sendOut(now, c)
	r.state, r.wrong, r.until = codeSent, 0, r.sent.ExpiresAt
	if a := w.accounts.byPhone[r.phone]; c.Channel == App && a != nil && !r.lost {
		w.notify(now, a, "Login code: "+r.sent.Code+
			". Whoever has it can sign in to this account; give it to nobody.")
	}
}

// sendOut sends a code on its channel, as reliably as the post is, and returns it
// with its number and its times, and whether it got lost.
func (w *world) sendOut(now time.Time, c Code) (sent Code, lost bool) {
	life := codeLife
	if w.post == postLate {
		life = 0
	}
	w.outbox.last++
	c.ID, c.SentAt, c.ExpiresAt = w.outbox.last, now, now.Add(life)
	if w.post == postLost {
		w.log.Info("code lost", "phone", c.Phone, "channel", string(c.Channel))
		return c, true
	}
	w.log.Info("code sent", "phone", c.Phone, "code", c.Code, "channel", string(c.Channel))
	w.outbox.keep(c)
	return c, false
}

// keep remembers a code and hands it to whoever waits for it.
func (o *outbox) keep(c Code) {
	if len(o.sent) >= maxSentCodes {
		o.sent = o.sent[1:]
	}
	o.sent = append(o.sent, c)
	var rest []*waiter
	for _, wait := range o.waiters {
		if wait.phone == "" || wait.phone == c.Phone {
			wait.got <- c
		} else {
			rest = append(rest, wait)
		}
	}
	o.waiters = rest
}

// after returns the codes to a phone, or to all for "", that were sent after the
// one called id.
func (o *outbox) after(phone string, id int) (codes []Code) {
	for _, c := range o.sent {
		if c.ID > id && (phone == "" || phone == c.Phone) {
			codes = append(codes, c)
		}
	}
	return codes
}

// request returns the request of k that hash names, if phone is its number and
// it is still good for something. Anything else is an expired code: whether a
// hash was ever handed out is nobody's business.
func (k *authKey) request(now time.Time, phone, hash string) (*codeRequest, *refusal) {
	number, ok := parsePhone(phone)
	switch {
	case !ok:
		return nil, phoneNumberInvalid
	case hash == "":
		return nil, phoneCodeHashEmpty
	}
	for _, r := range k.requests {
		if r.hash == hash && r.phone == number && r.open(now) {
			return r, nil
		}
	}
	return nil, phoneCodeExpired
}

// open says whether r is good for something.
func (r *codeRequest) open(now time.Time) bool { return r.state != codeDead && now.Before(r.until) }

// enter tries a code.
func (r *codeRequest) enter(now time.Time, code *string) *refusal {
	if code == nil || *code == "" {
		return phoneCodeEmpty
	}
	return r.try(now, r.state != codeHeld && isCode(r.channel(), *code, r.sent.Code))
}

// try counts an attempt at r's code.
func (r *codeRequest) try(now time.Time, right bool) *refusal {
	if !right {
		if r.wrong++; r.wrong >= maxWrongCodes {
			r.state = codeDead
		}
		return phoneCodeInvalid
	}
	r.until = now.Add(codeLife)
	return nil
}

// expireCodes ends every code that was sent to k's owner.
func (k *authKey) expireCodes(now time.Time) {
	k.mails = [mailPurposes]*mailCode{}
	if a := k.owner(); a != nil && a.change != nil {
		a.change.code.sent.ExpiresAt = now
	}
	for _, r := range k.requests {
		r.until = now
	}
}

// dropDeadRequests forgets what no call can use any more.
func (k *authKey) dropDeadRequests(now time.Time) {
	var open []*codeRequest
	for _, r := range k.requests {
		if r.open(now) {
			open = append(open, r)
		}
	}
	k.requests = open
}
