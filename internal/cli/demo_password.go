package cli

import (
	"context"
	"errors"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// Ann has an account already, with two-step verification.
const (
	annsPhone    = "+9996625678"
	annsPassword = "correct horse"
)

// password signs in where the code is not enough, with the guide's calls again.
// The session is a file, for the next scene.
func (d *demo) password(ctx context.Context) error {
	d.scene("%s has a password: two-step verification", annsPhone)
	c, err := d.dial(ctx, d.file("ann"))
	if err != nil {
		return err
	}
	defer c.Close()
	hash, err := d.sendCode(ctx, c, annsPhone)
	if err != nil {
		return err
	}
	code, err := d.code(ctx, annsPhone)
	if err != nil {
		return err
	}
	_, err = auth.CheckCode(ctx, c, annsPhone, hash, code)
	if err := d.refused("auth.signIn", err, tg.ErrSessionPasswordNeeded, "the code was right and is not enough"); err != nil {
		return err
	}
	// getPassword brings the parameters of one attempt.
	parameters, err := auth.GetPassword(ctx, c)
	if err != nil {
		return err
	}
	d.answered("account.getPassword", "SRP parameters; the hint is %q", text(parameters.Hint))
	// getSRPParams: the password itself is never sent.
	secret := auth.Secret(annsPassword)
	proof, err := auth.PasswordProof(parameters, secret, nil)
	secret.Wipe()
	if err != nil {
		return err
	}
	d.say("a proof of the password is computed: A of %d bytes, M1 of %d", len(proof.A), len(proof.M1))
	// checkPassword.
	me, err := auth.CheckPassword(ctx, c, proof)
	if err != nil {
		return err
	}
	d.answered("auth.checkPassword", "signed in as user %d, %s", me.ID, *me.FirstName)
	return errors.Join(auth.Remember(ctx, c, me), c.Close())
}

// resume connects again with the key that was saved: no code, no password.
func (d *demo) resume(ctx context.Context) error {
	d.scene("The program is started again, with the session file")
	codes := len(d.server.Codes(annsPhone))
	c, err := d.dial(ctx, d.file("ann"))
	if err != nil {
		return err
	}
	defer c.Close()
	me, err := auth.GetUser(ctx, c)
	if err != nil {
		return err
	}
	d.answered("users.getUsers", "still signed in as user %d, %s; codes sent for it: %d", me.ID, *me.FirstName, len(d.server.Codes(annsPhone))-codes)
	if err := auth.LogOut(ctx, c); err != nil {
		return err
	}
	d.answered("auth.logOut", "signed out")
	_, err = auth.GetUser(ctx, c)
	if err := d.refused("users.getUsers", err, tg.ErrAuthKeyUnregistered, "nobody is signed in any more, as expected"); err != nil {
		return err
	}
	return c.Close()
}
