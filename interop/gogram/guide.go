// Gogram signs in to the emulator, and takes care of the account. It loses an
// answer that comes before it has begun to wait for it: the rules beside this file
// have the emulator take 50 ms.
//
//	gogram NETWORK_FILE FOLDER
package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/amarnathcjd/gogram"
	"github.com/amarnathcjd/gogram/telegram"
)

const (
	ann    = "+9996620001"
	bob    = "+9996620002"
	cleo   = "+9996610003"
	nobody = "+9996620099"

	dora = "+9996620004"
	eve  = "+9996610005" // has a mailbox, and lives elsewhere

	bobsPassword = "correct horse"

	bot = "7654321:TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQ" // its data centre is Eve's
)

// network is what the network file says, and where sessions are kept.
var network struct {
	DCs []struct {
		ID   int
		Addr string
	}
	PublicKeys []string `json:"public_keys"`
	Control    string

	key    *rsa.PublicKey
	folder string
}

func main() {
	if err := readNetwork(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := "gogram"
	if info, ok := debug.ReadBuildInfo(); ok {
		client += " " + info.Deps[0].Version
	}
	for _, s := range stories {
		done := make(chan error, 1)
		go func() { done <- s.story() }()
		var err error
		select {
		case err = <-done:
		case <-time.After(time.Minute):
			err = errors.New("no end after a minute")
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: FAILED: %s: %v\n", client, s.name, err)
			os.Exit(1)
		}
		fmt.Printf("%s: ok: %s\n", client, s.name)
	}
}

func readNetwork(file, folder string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &network); err != nil {
		return err
	}
	block, _ := pem.Decode([]byte(network.PublicKeys[0]))
	if block == nil {
		return errors.New("no public key")
	}
	if network.key, err = x509.ParsePKCS1PublicKey(block.Bytes); err != nil {
		return err
	}
	network.folder, err = filepath.Abs(folder)
	return err
}

// home is the address of data centre 2.
func home() string {
	for _, dc := range network.DCs {
		if dc.ID == 2 {
			return dc.Addr
		}
	}
	return ""
}

// connect makes a client whose data centres and key are the emulator's.
// ClientConfig has fields for both, but this version looks at neither: the
// machinery below the client does.
func connect(session, mode string) (*telegram.Client, error) {
	file := filepath.Join(network.folder, session)
	c, err := telegram.NewClient(telegram.ClientConfig{
		AppID: 12345, AppHash: "0123456789abcdef0123456789abcdef",
		Session: file + ".unused", DataCenter: 2,
		DisableCache: true, LogLevel: telegram.LogError,
	})
	if err != nil {
		return nil, err
	}
	cfg := gogram.Config{
		AppID: 12345, AuthKeyFile: file, DataCenter: 2, ServerHost: home(), PublicKey: network.key, Mode: mode,
		OnMigration: func() { _ = c.InitialRequest() },
		Logger:      c.Log.CloneInternal(),
	}
	if c.MTProto, err = gogram.NewMTProto(cfg); err != nil {
		return nil, err
	}
	c.AddCustomServerRequestHandler(func(u any) bool { return telegram.HandleIncomingUpdates(u, c) })
	// Telegram's own addresses are in the list. Those of the emulator follow with
	// help.getConfig.
	clear(c.DcList.DCs)
	clear(c.DcList.TestDCs)
	return c, c.Connect()
}

// connected tells a story with a client. One key in 256 begins with a zero byte,
// of which the library makes another key than the server: then there is nothing
// to do but to begin again. Clients are left as they are: to end one takes three
// seconds, and nothing is saved by it.
func connected(session, mode string, story func(*telegram.Client) error) error {
	c, err := connect(session, mode)
	for range 2 {
		if err == nil {
			break
		}
		c, err = connect(session, mode)
	}
	if err != nil {
		return err
	}
	return story(c)
}

func codeOf(phone string) string { return strings.Repeat(phone[len("+99966"):][:1], 5) }

// answers gives one after another.
func answers(list ...string) telegram.AuthCallback {
	return func() (string, error) {
		if len(list) == 0 {
			return "", errors.New("asked once more than expected")
		}
		answer := list[0]
		list = list[1:]
		return answer, nil
	}
}

func always(answer string) telegram.AuthCallback {
	return func() (string, error) { return answer, nil }
}

// signIn returns a story: the library's own flow.
func signIn(phone string, codes, passwords telegram.AuthCallback) func(*telegram.Client) error {
	return func(c *telegram.Client) error {
		again := func(int, int) bool { return true }
		ok, err := c.Login(phone, &telegram.LoginOptions{
			CodeCallback: codes, PasswordCallback: passwords, OnWrongCode: again, OnWrongPassword: again,
		})
		if err == nil && !ok {
			err = errors.New("not signed in")
		}
		return err
	}
}

// named returns a story: the client is signed in as the user of that name.
func named(name string) func(*telegram.Client) error {
	return func(c *telegram.Client) error {
		me, err := c.GetMe()
		if err == nil && me.FirstName != name {
			err = fmt.Errorf("got %q, want %q", me.FirstName, name)
		}
		return err
	}
}

// refused wants a call to have failed in that way.
func refused(err error, message string) error {
	if err == nil || !strings.Contains(err.Error(), message) {
		return fmt.Errorf("got the error %v, want %s", err, message)
	}
	return nil
}

func unauthorized(c *telegram.Client) error {
	_, err := c.GetMe()
	return refused(err, "AUTH_KEY_UNREGISTERED")
}

func signUp(c *telegram.Client) error {
	hash, err := c.SendCode(nobody)
	if err != nil {
		return err
	}
	answer, err := c.AuthSignIn(nobody, hash, codeOf(nobody), nil)
	if err != nil {
		return err
	}
	if _, ok := answer.(*telegram.AuthAuthorizationSignUpRequired); !ok {
		return fmt.Errorf("got %T, want AuthAuthorizationSignUpRequired", answer)
	}
	_, err = c.AuthSignUp(&telegram.AuthSignUpParams{
		PhoneNumber: nobody, PhoneCodeHash: hash, FirstName: "Go", LastName: "Gram",
	})
	return err
}

func logOut(c *telegram.Client) error {
	_, err := c.AuthLogOut()
	return err
}

// in tells stories one after another, each with a client of its own.
func in(session, mode string, list ...func(*telegram.Client) error) func() error {
	return func() error {
		for _, s := range list {
			if err := connected(session, mode, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// again tells a story a second time if the first came to nothing, or to no end: for
// those that change the data centre on the way, where the library loses itself now
// and then.
func again(story func() error) func() error {
	return func() error {
		done := make(chan error, 1)
		go func() { done <- story() }()
		select {
		case err := <-done:
			if err == nil {
				return nil
			}
		case <-time.After(20 * time.Second):
		}
		return story()
	}
}

var stories = []struct {
	name  string
	story func() error
}{
	{"before signing in, get me is refused", in("nobody", "", unauthorized)},
	{"sign-up", in("new", "", signUp, named("Go"))},
	{"sign-in, with a wrong code first", in("ann", "", signIn(ann, answers("00000", codeOf(ann)), nil))},
	{"a saved session is signed in at once", in("ann", "", named("Ann"))},
	{"a password, with a wrong one first", in("bob", "",
		signIn(bob, answers(codeOf(bob)), answers("wrong", bobsPassword)), named("Bob"))},
	{"a number that lives in another data centre", again(in("cleo", "",
		signIn(cleo, always(codeOf(cleo)), nil), named("Cleo")))},
	{"a QR code, read by another device", in("qr", "", byQRCode(ann, ""), named("Ann"))},
	{"a QR code, and a password", in("bob again", "", byQRCode(bob, bobsPassword), named("Bob"))},
	{"a QR code for an account elsewhere", again(in("cleo again", "", byQRCode(cleo, ""), named("Cleo")))},
	{"a bot that lives in another data centre", again(in("bot", "", wrongBot, signInBot, named("Echo")))},
	{"a password set, changed with a mailbox, and removed", in("dora", "",
		signIn(dora, answers(codeOf(dora)), nil), setPassword, removePassword)},
	{"a forgotten password, recovered by e-mail", again(in("eve", "", recoverPassword, named("Eve")))},
	{"the account's devices, and how they are ended", in("ann", "", endDevices)},
	{"log-out", in("ann", "", logOut, unauthorized)},
	{"over intermediate", over("modeIntermediate")},
	{"over full", over("modeFull")},
	{"over padded intermediate", over("modePaddedIntermediate")},
}

func over(mode string) func() error {
	return in(mode, mode, signIn(ann, answers(codeOf(ann)), nil), named("Ann"))
}
