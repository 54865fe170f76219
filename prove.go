package telekey

import (
	"errors"
	"fmt"
	"time"

	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/transport"
)

// A server that does not know a key says so in four bytes, transport error -404,
// which are not encrypted: any host on the route can send them. They end the
// connection and nothing else. The permanent key is dialled with once more; if it
// is denied again, the client makes a temporary key, whose exchange the server
// signs, and binds it to the permanent one. What the server answers to that is
// encrypted: ENCRYPTED_MESSAGE_INVALID proves that the permanent key is gone.
//
// Inferred from TDLib, which does the same before it gives up a key.
// https://core.telegram.org/mtproto/mtproto-transports#transport-errors
// https://core.telegram.org/method/auth.bindTempAuthKey

// ErrKeyUnproven says that a server has answered as if it did not know the session's
// key, in a packet that anybody on the route can send, and that the client could
// not prove it. It comes in a [*NetworkError]. The session may be as good as
// before: try again later, or over another route.
var ErrKeyUnproven = errors.New("the answer that the session's key is unknown could not be proved")

// errKeyKnown is the outcome of a proof that the server does know the key.
var errKeyKnown = errors.New("the server knows the session's key, and an answer from its address denies it")

const (
	proofAfter = 2           // denials in a row
	newKeyTime = time.Minute // in which a key may not be known everywhere yet; inferred from TDLib
)

// denial is what a link knows of a permanent key that is said to be unknown.
type denial struct {
	err     error     // the last -404; nil: the key is in good standing
	count   int       // of them since the last proof
	proving bool      // the attempt under way is a proof
	made    time.Time // when the key was made, if this link has made it
}

// denied notes that a packet on the permanent key was answered with -404.
func (d *denial) denied(err error) {
	d.err = err
	d.count++
}

// heard notes that the server has answered under encryption.
func (d *denial) heard() { d.err, d.count = nil, 0 }

// due reports whether the attempt that begins now is to be a proof.
func (d *denial) due() bool {
	d.proving = d.count >= proofAfter
	return d.proving
}

// explained adds to the error of the last attempt that the key was denied.
func (d *denial) explained(err error) error {
	if d.err == nil {
		return err
	}
	return fmt.Errorf("%w: %w", ErrKeyUnproven, err)
}

// prove finds out under encryption whether the server knows the permanent key. Its
// error says so; nothing of the temporary key is kept.
func (l *link) prove(conn transport.Conn, _ *dialled) error {
	x, err := l.exchange(conn, tempLife)
	if err != nil {
		return err
	}
	temp := &temporary{key: x.Key, salt: x.Salt, offset: x.Offset, expires: x.ExpiresAt}
	defer temp.key.Wipe()
	known := l.client.held.Data().Keys[l.to.ID]
	if _, err := l.bind(conn, mtproto.NewKey(known.Auth.Bytes()), temp); err != nil {
		return err
	}
	return errKeyKnown
}

// proved takes the outcome of a proof. Only one that the key is unknown ends the
// link, and if the key has just been made, only the last of several; after any other
// the key is dialled with again.
func (o *owner) proved(now time.Time, err error) error {
	d := &o.denial
	fresh := !d.made.IsZero() && now.Sub(d.made) < newKeyTime
	d.proving, d.count = false, proofAfter-1
	switch {
	case errors.Is(err, errKeyKnown):
		d.count = 0
	case errors.Is(err, ErrKeyUnknown) && !fresh:
		return err
	case errors.Is(err, ErrKeyUnknown):
		d.count = proofAfter // proved again, as often as is dialled
	}
	return o.down(err)
}
