package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// A number that nobody has. Numbers 99966XYYYY are for tests: at home in data
// centre X, and their code is X five times.
//
// https://core.telegram.org/api/auth#test-accounts
const newPhone = "+9996611234"

// signUp makes the calls of the guide one by one.
func (d *demo) signUp(ctx context.Context) error {
	d.scene("A new number, %s, gets an account: the guide's calls one by one", newPhone)
	c, err := d.dial(ctx, new(session.Memory))
	if err != nil {
		return err
	}
	defer c.Close()

	// getUser. Calls go by name, as here, or typed, as below.
	_, err = c.Call(ctx, "users.getFullUser", tl.Map{"id": tl.Map{"_": "inputUserSelf"}})
	if err := d.refused("users.getFullUser", err, tg.ErrAuthKeyUnregistered, "nobody is signed in, as expected"); err != nil {
		return err
	}
	// sendCode, through a view of the client that goes nowhere else by itself.
	id, hash := c.App()
	_, err = tg.Call(ctx, c.With(telekey.Follow(false)), &tg.AuthSendCode{
		PhoneNumber: newPhone, APIID: int32(id), APIHash: hash, Settings: &tg.CodeSettings{},
	})
	if err := d.refused("auth.sendCode", err, tg.ErrPhoneMigrate, "the number's home is another data centre"); err != nil {
		return err
	}
	// The client itself goes there, and agrees on a key with that one too.
	hash, err = d.sendCode(ctx, c, newPhone)
	if err != nil {
		return err
	}
	// signIn: the code is right, and there is nobody to sign in as.
	code, err := d.code(ctx, newPhone)
	if err != nil {
		return err
	}
	result, err := auth.CheckCode(ctx, c, newPhone, hash, code)
	if err != nil {
		return err
	}
	if _, ok := result.(*tg.AuthAuthorizationSignUpRequired); !ok {
		return fmt.Errorf("auth.signIn: got %T, want auth.authorizationSignUpRequired", result)
	}
	d.answered("auth.signIn", "auth.authorizationSignUpRequired: the number has no account yet")
	// signUp.
	me, err := auth.SignUp(ctx, c, newPhone, hash, auth.Name{First: "MTProto", Last: "Core"})
	if err != nil {
		return err
	}
	d.answered("auth.signUp", "signed in as user %d, %s %s", me.ID, *me.FirstName, *me.LastName)
	return errors.Join(auth.Remember(ctx, c, me), c.Close())
}

// sendCode is the guide's sendCode, and returns the phone_code_hash.
func (d *demo) sendCode(ctx context.Context, c *telekey.Client, phone string) (hash string, err error) {
	answer, err := auth.SendCode(ctx, c, phone)
	if err != nil {
		return "", err
	}
	sent, ok := answer.(*tg.AuthSentCode)
	if !ok {
		return "", fmt.Errorf("auth.sendCode: got %T, want auth.sentCode", answer)
	}
	d.answered("auth.sendCode", "data centre %d has sent a code", c.Home())
	return sent.PhoneCodeHash, nil
}

// code is what the person with the telephone sees. No message leaves the
// emulator: it tells.
func (d *demo) code(ctx context.Context, phone string) (auth.CodeAnswer, error) {
	code, err := d.server.WaitCode(ctx, phone)
	if err != nil {
		return auth.CodeAnswer{}, err
	}
	d.say("the telephone shows the code %s, sent by %s", code.Code, code.Channel)
	return auth.Code(code.Code), nil
}
