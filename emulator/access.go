package emulator

import (
	"errors"
	"fmt"
)

// checkAccess says what is wrong with how a user gets in, field by field.
func (u *User) checkAccess() error {
	if err := checkEmail("recovery_email", u.RecoveryEmail); err != nil {
		return err
	}
	if u.RecoveryEmail != "" && u.Password == "" {
		return errors.New("recovery_email: got one without a password")
	}
	if err := checkEmail("login_email", u.LoginEmail); err != nil {
		return err
	}
	return checkWays(u.Channels)
}

// checkEmail checks a field that may hold an address.
func checkEmail(field, address string) error {
	if _, ok := parseEmail(address); address != "" && !ok {
		return fmt.Errorf("%s: got %q, want an address, ann@example.com for instance", field, cut(address))
	}
	return nil
}
