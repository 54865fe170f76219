package auth_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// A person at the terminal. client is a *telekey.Client; here it is connected to
// a Telegram in the example that knows one number, and this person types.
func ExampleSignIn() {
	ctx, client := context.Background(), newFake()
	person := strings.NewReader("11111\n22222\n") // os.Stdin

	me, err := auth.SignIn(ctx, client, auth.Phone("+9996621234"), auth.Terminal(person, os.Stdout))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output:
	// The code is in Telegram on your other device.
	// Code (5 digits): That code is wrong.
	// Code (5 digits): signed in as Ann
}

// A script knows the answers beforehand.
func ExampleAnswers() {
	ctx, client := context.Background(), newFake()
	client.password = "correct"

	me, err := auth.SignIn(ctx, client, auth.Phone("+9996621234"), auth.Answers{
		Code:     auth.Code("22222"),
		Password: auth.Secret("correct"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in as", *me.FirstName)
	// Output: signed in as Ann
}

// A web server keeps no flow between two requests: it writes the flow down with
// the session it belongs to, and continues it with the answer of the next request.
// The account lives in data centre 1, so the login moves there; what it is bound to
// is therefore looked up after Drive.
func ExampleDrive() {
	ctx := context.Background()
	srv, err := emulator.Start(emulator.Config{Users: []emulator.User{{Phone: "+9996611234", FirstName: "Ann"}}})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client, err := telekey.Dial(ctx, telekey.Config{Network: srv.Network(), Session: new(session.Memory)})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	// POST /login phone=+9996611234
	flow := auth.NewFlow(auth.Phone("+9996611234"))
	step, err := auth.Drive(ctx, client, flow)
	if err != nil {
		log.Fatal(err)
	}
	switch s := step.(type) {
	case auth.Ask:
		q := s.Question.(auth.CodeQuestion) // JSON of it is for the browser
		fmt.Println(auth.QuestionName(q), q.Phone, q.Kind, q.Length)
	case auth.Wait: // Telegram wants a pause: call Drive again then
		fmt.Println("try again at", s.Until)
	}
	row, err := flow.Marshal(auth.BindingOf(client.Session())) // into the database
	if err != nil {
		log.Fatal(err)
	}

	// POST /login/answer code=11111, in another process
	if flow, err = auth.Resume(row, auth.BindingOf(client.Session())); err != nil {
		log.Fatal(err)
	}
	if err := flow.Answered(time.Now(), auth.Code("11111"), rand.Reader); err != nil {
		log.Fatal(err)
	}
	if step, err = auth.Drive(ctx, client, flow); err != nil {
		log.Fatal(err)
	}
	if done, ok := step.(auth.Done); ok {
		err = auth.Remember(ctx, client, done.User)
		fmt.Println("signed in as", *done.User.FirstName, "in data centre", client.Home(), err)
	}
	// Output:
	// code +9996611234 sms 5
	// signed in as Ann in data centre 1 <nil>
}

// A loop of one's own shows what a flow is made of.
func ExampleFlow() {
	ctx, client := context.Background(), newFake()
	flow := auth.NewFlow(auth.Phone("+9996621234"))
	for {
		var result any
		var err error
		switch step := flow.Next().(type) {
		case auth.Call:
			fmt.Println(step)
			result, err = step.Do(ctx, client)
		case auth.Move:
			err = client.Move(ctx, step.DC)
		case auth.Wait:
			time.Sleep(time.Until(step.Until))
		case auth.Ask:
			fmt.Println("ask for the code")
			if err := flow.Answered(time.Now(), auth.Code("22222"), rand.Reader); err != nil {
				log.Fatal(err)
			}
			continue
		case auth.Done:
			fmt.Println("signed in as", *step.User.FirstName)
			return
		case auth.Failed:
			log.Fatal(step.Err)
		}
		if err := flow.Returned(time.Now(), result, err); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// call users.getUsers
	// call auth.sendCode
	// ask for the code
	// call auth.signIn
	// signed in as Ann
}

// The guide's getSRPParams, with what account.getPassword answers.
func ExampleSRP() {
	ctx, client := context.Background(), newFake()
	client.password = "correct"

	password, err := auth.GetPassword(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	algo := password.CurrentAlgo.(*tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
	A, M1, err := auth.SRP(auth.SRPParams{
		G: int(algo.G), P: algo.P, Salt1: algo.Salt1, Salt2: algo.Salt2, GB: password.SRPB,
		Password: auth.Secret("correct"),
	})
	if err != nil {
		log.Fatal(err)
	}
	me, err := auth.CheckPassword(ctx, client, &tg.InputCheckPasswordSRP{SRPID: *password.SRPID, A: A, M1: M1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(A), len(M1), *me.FirstName)
	// Output: 256 32 Ann
}
