package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/amarnathcjd/gogram/telegram"
)

// accept reads a QR code with another device of that account.
func accept(phone, code string) error {
	body, err := json.Marshal(map[string]string{"phone": phone, "url": code})
	if err != nil {
		return err
	}
	answer, err := http.Post(network.Control+"/v1/qr/accept", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("control: %s", text)
	}
	return nil
}

// mailed is the last code that went to a mailbox of that account; "": none did.
func mailed(phone string) string {
	answer, err := http.Get(network.Control + "/v1/codes?channel=email&phone=" + url.QueryEscape(phone))
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	var codes []struct{ Code string }
	if json.NewDecoder(answer.Body).Decode(&codes) != nil || len(codes) == 0 {
		return ""
	}
	return codes[len(codes)-1].Code
}

// byQRCode returns a story: the library's own flow, and another device reads what
// it shows.
func byQRCode(phone, password string) func(*telegram.Client) error {
	return func(c *telegram.Client) error {
		code, err := c.QRLogin(telegram.QrOptions{PasswordCallback: answers(password)})
		if err != nil {
			return err
		}
		read := make(chan error, 1)
		go func() {
			time.Sleep(500 * time.Millisecond) // it has to wait before the code is read
			read <- accept(phone, code.Url())
		}()
		return errors.Join(code.WaitLogin(10), <-read)
	}
}

func wrongBot(c *telegram.Client) error {
	return refused(c.LoginBot("7654321:wrong"), "ACCESS_TOKEN_INVALID")
}

func signInBot(c *telegram.Client) error {
	if err := c.LoginBot(bot); err != nil {
		return err
	}
	_, err := c.AccountGetAuthorizations()
	return refused(err, "BOT_METHOD_INVALID")
}

func setPassword(c *telegram.Client) error {
	if _, err := c.Edit2FA("", "one", &telegram.PasswordOptions{Hint: "a number"}); err != nil {
		return err
	}
	_, err := c.Edit2FA("wrong", "two")
	if err := refused(err, "PASSWORD_HASH_INVALID"); err != nil {
		return err
	}
	_, err = c.Edit2FA("one", "two", &telegram.PasswordOptions{
		Hint: "another", Email: "dora@example.org", EmailCodeCallback: func() string { return mailed(dora) },
	})
	if err != nil {
		return err
	}
	p, err := c.AccountGetPassword()
	if err == nil && (!p.HasRecovery || p.Hint != "another") {
		err = fmt.Errorf("got %+v, want a mailbox and the hint", p)
	}
	return err
}

func removePassword(c *telegram.Client) error {
	if _, err := c.Edit2FA("two", ""); err != nil {
		return err
	}
	p, err := c.AccountGetPassword()
	if err == nil && p.HasPassword {
		err = errors.New("the password is still there")
	}
	return err
}

func recoverPassword(c *telegram.Client) error {
	hash, err := c.SendCode(eve)
	if err != nil {
		return err
	}
	_, err = c.AuthSignIn(eve, hash, codeOf(eve), nil)
	if err := refused(err, "SESSION_PASSWORD_NEEDED"); err != nil {
		return err
	}
	sent, err := c.AuthRequestPasswordRecovery()
	if err != nil || !strings.HasSuffix(sent.EmailPattern, "@example.org") {
		return fmt.Errorf("got %+v, want a pattern of the address: %w", sent, err)
	}
	_, err = c.AuthRecoverPassword("000000", nil)
	if err := refused(err, "CODE_INVALID"); err != nil {
		return err
	}
	_, err = c.AuthRecoverPassword(mailed(eve), nil)
	return err
}

// endDevices ends all other devices, which the newest may not.
func endDevices(c *telegram.Client) error {
	list, err := c.AccountGetAuthorizations()
	if err != nil {
		return err
	}
	if len(list.Authorizations) != 2 || !list.Authorizations[0].Current {
		return fmt.Errorf("got the devices %+v, want this one and another", list.Authorizations)
	}
	newest := func(n *telegram.Client) error {
		_, err := n.AuthResetAuthorizations()
		return refused(err, "FRESH_RESET_AUTHORISATION_FORBIDDEN")
	}
	if err := connected("qr", "", newest); err != nil {
		return err
	}
	if _, err := c.AccountResetAuthorization(list.Authorizations[1].Hash); err != nil {
		return err
	}
	return connected("qr", "", unauthorized)
}
