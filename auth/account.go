package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/telekey/telekey/internal/input"
	"github.com/telekey/telekey/tg"
)

// AccountTTL returns after how many days in which no device is used Telegram
// deletes the account.
//
// https://core.telegram.org/method/account.getAccountTTL
func AccountTTL(ctx context.Context, c tg.Invoker) (days int, err error) {
	ttl, err := tg.Call(ctx, c, &tg.AccountGetAccountTTL{})
	if err != nil {
		return 0, explainedCall(err)
	}
	return int(ttl.Days), nil
}

// SetAccountTTL has Telegram delete the account after so many days in which no
// device is used: 30 to 730.
//
// Errors: tg.ErrTTLDaysInvalid.
//
// https://core.telegram.org/method/account.setAccountTTL
func SetAccountTTL(ctx context.Context, c tg.Invoker, days int) error {
	n, err := daysOf(days)
	if err != nil {
		return err
	}
	return done(ctx, c, &tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: n}})
}

// maxCodes is more codes than are ever valid at a time.
const maxCodes = 100

// InvalidateCodes makes login codes worthless that may have been seen by others:
// for a program that shows messages, when the one with the code is forwarded or
// its picture taken. Only the digits of the codes count, of any script.
//
// https://core.telegram.org/api/auth#invalidating-login-codes
func InvalidateCodes(ctx context.Context, c tg.Invoker, codes ...CodeAnswer) error {
	if len(codes) > maxCodes {
		return fmt.Errorf("got %d codes, want at most %d", len(codes), maxCodes)
	}
	var digits []string
	for _, code := range codes {
		if d := input.Digits(code.Reveal()); d != "" {
			digits = append(digits, d)
		}
	}
	if len(digits) == 0 {
		return errors.New("got no code with digits in it, want the codes to make worthless")
	}
	return done(ctx, c, &tg.AccountInvalidateSignInCodes{Codes: digits})
}
