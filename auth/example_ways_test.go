package auth_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/secret"
)

// Another device lets this one in. Terminal writes the link, or has it drawn; here
// the other device is an example's, and accepts it at once.
func ExampleQR() {
	ctx, client := context.Background(), newFake()
	scan := auth.DrawQR(func(out io.Writer, link auth.QRLink) error {
		time.AfterFunc(time.Millisecond, client.accept)
		_, err := fmt.Fprintln(out, "[a QR code]")
		return err
	})

	me, err := auth.SignIn(ctx, client, auth.QR(), auth.Terminal(os.Stdin, io.Discard, scan))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output: signed in as Ann
}

// The other side of it: who is signed in accepts the link that a new device shows.
func ExampleAcceptLogin() {
	ctx, client := context.Background(), newFake()
	client.entered = true

	login, err := auth.AcceptLogin(ctx, client, auth.LoginLink("tg://login?token=dG9rZW4"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("let in:", login.AppName)
	// Output: let in: new
}

// A bot has a token, and nobody to ask.
func ExampleBot() {
	ctx, client := context.Background(), newFake()
	token := auth.Secret("12345:from-a-file") // read it from where nobody else can
	defer token.Wipe()

	me, err := auth.SignIn(ctx, client, auth.Bot(token), auth.Answers{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output: signed in as Ann
}

// A web version that a Telegram app has opened finds a token in its address.
func ExampleWebToken() {
	ctx, client := context.Background(), newFake()
	token := auth.Secret("tgWebAuthToken of the page")

	me, err := auth.SignIn(ctx, client, auth.WebToken(token), auth.Answers{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output: signed in as Ann
}

// An authenticator answers for its owner. This one only shows what it is asked.
func ExamplePasskey() {
	ctx, client := context.Background(), newFake()
	authenticator := auth.AskerFunc(func(_ context.Context, q auth.Question) (auth.Answer, error) {
		passkey, ok := q.(auth.PasskeyQuestion)
		if !ok {
			return nil, &auth.UnansweredError{Question: q}
		}
		fmt.Printf("sign %s\n", passkey.Options)
		return auth.Assertion{ID: "id", ClientData: []byte("{}"), Signature: secret.New("…"), UserHandle: "2:42"}, nil
	})

	me, err := auth.SignIn(ctx, client, auth.Passkey(), authenticator)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output:
	// sign {"publicKey":{}}
	// signed in as Ann
}

// A token of an earlier sign-in spares the next one its code. Nobody has to do
// anything for it.
func ExampleLogOut() {
	ctx, client := context.Background(), newFake()
	client.gives, client.takes = []string{"future auth token"}, "future auth token"

	if _, err := auth.SignIn(ctx, client, auth.Phone("+9996621234"), auth.Answers{Code: auth.Code("22222")}); err != nil {
		log.Fatal(err)
	}
	if err := auth.LogOut(ctx, client); err != nil {
		log.Fatal(err)
	}
	me, err := auth.SignIn(ctx, client, auth.Phone("+9996621234"), auth.Answers{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in again as", *me.FirstName)
	// Output: signed in again as Ann
}

// A lost password is replaced at the terminal: ! asks for it, the code comes to the
// recovery e-mail, and the new password is typed twice.
func ExampleTerminal_recovery() {
	terminal := auth.Terminal(strings.NewReader("!\n"), os.Stdout)
	answer, err := terminal.Ask(context.Background(), auth.PasswordQuestion{Hint: "a horse", HasRecovery: true})
	fmt.Printf("%T %v\n", answer, err)
	// Output:
	// The account has a password. Its hint: a horse
	// If it is lost, type ! to replace it by way of the recovery e-mail.
	// Password: auth.Recover <nil>
}
