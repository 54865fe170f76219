package auth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// ask asks a person who types so, and returns what was shown as well.
func ask(t *testing.T, q auth.Question, typed string) (a auth.Answer, shown string, err error) {
	t.Helper()
	var out bytes.Buffer
	a, err = auth.Terminal(strings.NewReader(typed), &out).Ask(t.Context(), q)
	return a, out.String(), err
}

func TestTerminalSaysWhereTheCodeIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		soon, past := time.Now().Add(57*time.Second+time.Millisecond), time.Now().Add(-time.Second)
		for _, test := range []struct {
			q     auth.CodeQuestion
			shown string
		}{
			{auth.CodeQuestion{Kind: auth.CodeByApp, Length: 5, Next: auth.CodeBySMS, ResendAt: soon},
				"The code is in Telegram on your other device. In 58 s it can be sent by SMS: type r.\nCode (5 digits): "},
			{auth.CodeQuestion{Kind: auth.CodeByApp, Length: 5, Next: auth.CodeByCall, ResendAt: past},
				"The code is in Telegram on your other device. It can be told by a call: type r.\nCode (5 digits): "},
			{auth.CodeQuestion{Kind: auth.CodeBySMS, Phone: "+1", Next: "auth.codeTypePigeon"},
				"The code was sent to +1 by SMS. It can be sent in another way: type r.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByCall, Phone: "+1"}, "A call to +1 will tell you the code.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByFlashCall, Phone: "+1", Detail: "+7*"},
				"A call to +1 will come from the number +7*: that number is the code.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByMissedCall, Phone: "+1", Detail: "+7", Length: 4},
				"A call to +1 will come from a number that begins with +7: its last 4 digits are the code.\nCode (4 digits): "},
			{auth.CodeQuestion{Kind: auth.CodeByEmail, Detail: "a***@b.c", Length: 6},
				"The code was sent to the mailbox a***@b.c.\nCode (6 characters): "},
			{auth.CodeQuestion{Kind: auth.CodeByFragment, Detail: "https://fragment.com/x"},
				"The code is on the page https://fragment.com/x.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByFirebase, Phone: "+1", Next: "auth.codeTypePigeon", ResendAt: soon},
				"The code was sent to +1 by SMS. In 58 s it can be sent in another way: type r.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByFirebase, Next: auth.CodeBySMS, Firebase: &auth.Firebase{}},
				"Telegram wants to send the code through its own app, which this program is not. It can be sent by SMS: type r.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByWord, Phone: "+1", Detail: "b"},
				"An SMS to +1 has a word in it: that word is the code. It begins with \"b\".\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByPhrase, Phone: "+1"},
				"An SMS to +1 has a few words in it: they are the code.\nCode: "},
			{auth.CodeQuestion{Kind: "auth.sentCodeTypePigeon"},
				"Telegram sent a code in a way that this version does not know (auth.sentCodeTypePigeon). If you find it, type it.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByApp, Wrong: 1, Refused: tg.NewError(400, "PHONE_CODE_INVALID"), Next: auth.CodeBySMS},
				"That code is wrong. It can be sent by SMS: type r.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByApp, Refused: tg.NewError(400, "PHONE_CODE_EXPIRED"), Next: auth.CodeBySMS},
				"That code has expired. To have a new one sent, type r.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByApp, Refused: tg.NewError(406, "SEND_CODE_UNAVAILABLE"), Next: auth.CodeBySMS},
				"Telegram does not send this code in another way. The one that was sent still counts.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByApp, Refused: tg.NewError(406, "SEND_CODE_UNAVAILABLE"), Next: auth.CodeBySMS, ResendAt: soon},
				"That was too early. The code that was sent still counts. In 58 s it can be sent by SMS: type r.\nCode: "},
		} {
			if a, shown, err := ask(t, test.q, " 12-345 \r\n"); !reflect.DeepEqual(a, auth.Code("12-345")) || shown != test.shown || err != nil {
				t.Errorf("got %q and %v, %v; want %q", shown, a, err, test.shown)
			}
		}
	})
}

// What few sign-ins are asked.
func TestTerminalAsksWhatFewAreAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		for _, test := range []struct {
			q     auth.Question
			typed string
			want  auth.Answer
			shown string
		}{
			{auth.CodeQuestion{Kind: auth.CodeByEmail, Detail: "a***@b.c", Length: 6, ResetAfter: 7 * 24 * time.Hour}, "e\n", auth.ResetEmail{},
				"The code was sent to the mailbox a***@b.c. If the mailbox is lost, type e to have the address taken away, which takes 7 days.\nCode (6 characters): "},
			{auth.CodeQuestion{Kind: auth.CodeByEmail, Detail: "a***@b.c", ResetAt: now.Add(5 * time.Hour)}, "1\n", auth.Code("1"),
				"The code was sent to the mailbox a***@b.c. The address will be taken away in 5 hours: type e then.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByEmail, Detail: "a***@b.c", ResetAt: now, Refused: tg.NewError(400, "TASK_ALREADY_EXISTS")}, "e\n", auth.ResetEmail{},
				"That was asked for before. If the mailbox is lost, type e to have the address taken away.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByEmail, Purpose: auth.ForRecovery, Detail: "a***@b.c", Next: auth.CodeByEmail}, "r\n", auth.Resend{},
				"The code was sent to the mailbox a***@b.c. It can be sent to the mailbox once more: type r.\nCode: "},
			{auth.CodeQuestion{Kind: auth.CodeByEmail, Purpose: auth.ForRecovery, Refused: tg.NewError(400, "PASSWORD_RECOVERY_EXPIRED")}, "r\n", auth.Resend{},
				"That code has expired. To have a new one sent, type r.\nCode: "},
			{auth.PasswordQuestion{HasRecovery: true}, "!\n", auth.Recover{},
				"The account has a password.\nIf it is lost, type ! to replace it by way of the recovery e-mail.\nPassword: "},
			{auth.PasswordQuestion{HasRecovery: true, Refused: tg.NewError(400, "PASSWORD_RECOVERY_NA")}, "x\n", auth.Secret("x"),
				"Telegram has no mailbox to send a code to: only the password itself helps.\nPassword: "},
			{auth.NewPasswordQuestion{MaySkip: true}, "!\n", auth.Skip{}, "Choose a new password, or type ! to have none.\nNew password: "},
			{auth.NewPasswordQuestion{Refused: tg.NewError(400, "NEW_SETTINGS_INVALID")}, "one\ntwo\none\none\nnumber\n", auth.NewPassword{Password: auth.Secret("one"), Hint: "number"},
				"Telegram does not take this password or its hint.\nChoose a new password.\nNew password: The same once more: These were not the same.\n" +
					"New password: The same once more: A hint to remember it by, which others can see (may be empty): "},
			{auth.ChallengeQuestion{Kind: auth.ChallengeRecaptcha, Action: "LOGIN", SiteKey: "6Ld"}, "\ntoken\n", auth.ChallengeToken("token"),
				"Telegram wants proof that no robot is at work.\nIt is a token of reCAPTCHA Enterprise, for the action LOGIN with the site key 6Ld.\n" +
					"Type the token; to give up, q.\nToken: Token: "},
			{auth.ChallengeQuestion{Kind: auth.ChallengePlayIntegrity, Nonce: "n0", Refused: tg.NewError(403, "INTEGRITY_CHECK_CLASSIC_n0")}, "q\n", auth.Cancel{},
				"Telegram does not take this token.\nIt is one (play integrity) that only Telegram's own apps get, for the nonce n0.\n" +
					"Type the token; to give up, q.\nToken: "},
			{auth.TokenQuestion{}, " 7:bot \n", auth.Secret("7:bot"), "Type the bot's token, as BotFather tells it.\nToken: "},
			{auth.TokenQuestion{Web: true, Refused: tg.NewError(400, "WEBAUTH_TOKEN_EXPIRED")}, "x\n", auth.Secret("x"), "Telegram does not take this token. Type the web token.\nToken: "},
			{auth.EmailQuestion{}, "\nann@b.c\n", auth.Email("ann@b.c"), "Telegram wants an e-mail address for this account, which it will send codes to.\nE-mail address: E-mail address: "},
			{auth.EmailQuestion{Refused: tg.NewError(400, "EMAIL_NOT_ALLOWED")}, "q\n", auth.Cancel{}, "Telegram does not take this address. Type another one.\nE-mail address: "},
			{auth.PaymentQuestion{Phone: "+1", Amount: 199, Currency: "EUR", SupportEmail: "x@t.me"}, "?\np\n", auth.Paid{},
				"A code for +1 has to be paid for, in Telegram's own app (1.99 EUR).\nTelegram answers questions about it at x@t.me.\nWhen it is paid type p; to give up, q.\nPaid? (p/q): Paid? (p/q): "},
			{auth.ShowQR{Link: auth.LoginLink("tg://login?token=x"), Expires: now.Add(30 * time.Second)}, "", nil,
				"Scan this in Telegram on a device that is signed in: Settings, Devices, Link Desktop Device.\nIt counts for 30 s, then a new one takes its place.\ntg://login?token=x\n"},
		} {
			if a, shown, err := ask(t, test.q, test.typed); !reflect.DeepEqual(a, test.want) || shown != test.shown || err != nil {
				t.Errorf("got %q and %v, %v; want %q and %v", shown, a, err, test.shown, test.want)
			}
		}
	})
}

func TestTerminalDrawsQRCodes(t *testing.T) {
	var out bytes.Buffer
	terminal := auth.Terminal(nil, &out, auth.DrawQR(func(out io.Writer, link auth.QRLink) error {
		_, err := io.WriteString(out, "[QR "+link.Reveal()+"]")
		return err
	}))
	if a, err := terminal.Ask(t.Context(), auth.ShowQR{Link: auth.LoginLink("tg://login?token=x")}); a != nil || err != nil || !strings.HasSuffix(out.String(), "\n[QR tg://login?token=x]") {
		t.Errorf("got %v, %v and %q", a, err, out.String())
	}
}

func TestTerminalTakesCommandsForCodes(t *testing.T) {
	for typed, want := range map[string]auth.Answer{
		"r\n": auth.Resend{}, "R\n": auth.Resend{}, "q\n": auth.Cancel{}, "\n \n1\n": auth.Code("1"), "12345": auth.Code("12345"),
	} {
		if a, _, err := ask(t, auth.CodeQuestion{Kind: auth.CodeByApp}, typed); !reflect.DeepEqual(a, want) || err != nil {
			t.Errorf("got %v, %v for %q, want %v", a, err, typed, want)
		}
	}
}

func TestTerminalAsksTheOtherQuestions(t *testing.T) {
	for _, test := range []struct {
		q     auth.Question
		typed string
		want  auth.Answer
		shown string
	}{
		{auth.PhoneQuestion{}, "\nabc\n+1 2\n", auth.PhoneNumber("+1 2"), strings.Repeat("Telephone number with country code: ", 2) +
			"got the character 'a' (U+0061) at place 1 of the number, want digits with the country code in front, as in +9996621234\nTelephone number with country code: "},
		{auth.PhoneQuestion{Refused: tg.NewError(400, "PHONE_NUMBER_INVALID")}, "1\n", auth.PhoneNumber("1"),
			"Telegram does not know this number. Write it with its country code, as in +9996621234.\nTelephone number with country code: "},
		{auth.TermsQuestion{Text: "Be kind.\nNo spam.", MinAge: 16}, "maybe\nY\n", auth.Accept{},
			"This number has no account yet. These are Telegram's terms of service:\nBe kind.\nNo spam.\n" +
				"By accepting them you say that you are 16 years old or older.\nDo you accept? (y/n): Do you accept? (y/n): "},
		{auth.TermsQuestion{}, "no\n", auth.Cancel{},
			"This number has no account yet. These are Telegram's terms of service:\n\nDo you accept? (y/n): "},
		{auth.NameQuestion{}, "\nAnn\n\n", auth.Name{First: "Ann"},
			"What name shall the new account have?\nFirst name: First name: Last name (may be empty): "},
		{auth.NameQuestion{Refused: tg.NewError(400, "FIRSTNAME_INVALID")}, "Ann\nLee\n", auth.Name{First: "Ann", Last: "Lee"},
			"Telegram does not take this first name.\nFirst name: Last name (may be empty): "},
		{auth.NameQuestion{Refused: tg.NewError(400, "LASTNAME_INVALID")}, "Ann\nLee\n", auth.Name{First: "Ann", Last: "Lee"},
			"Telegram does not take this last name.\nFirst name: Last name (may be empty): "},
	} {
		if a, shown, err := ask(t, test.q, test.typed); a != test.want || shown != test.shown || err != nil {
			t.Errorf("got %q and %v, %v; want %q and %v", shown, a, err, test.shown, test.want)
		}
	}
}

func TestTerminalKeepsAPasswordAsItIsTyped(t *testing.T) {
	for q, shown := range map[auth.PasswordQuestion]string{
		{Hint: "a horse"}: "The account has a password. Its hint: a horse\nPassword: Password: ",
		{Refused: tg.NewError(400, "PASSWORD_HASH_INVALID")}: "That password is wrong.\nPassword: Password: ",
		{Refused: tg.NewError(400, "SRP_PASSWORD_CHANGED")}:  "The password has just been changed.\nPassword: Password: ",
	} {
		a, got, err := ask(t, q, "\n r q \r\nnext")
		if s, ok := a.(auth.SecretAnswer); !ok || s.Reveal() != " r q " || got != shown || err != nil {
			t.Errorf("got %q and %T, %v; want %q", got, a, err, shown)
		}
	}
}

func TestHiddenInputIsReadByWhoCanHideIt(t *testing.T) {
	var out bytes.Buffer
	hidden := func(prompt string) ([]byte, error) {
		out.WriteString("(hidden) " + prompt)
		return []byte("battery staple"), nil
	}
	terminal := auth.Terminal(strings.NewReader("12345\n"), &out, auth.Hidden(hidden))
	if a, err := terminal.Ask(t.Context(), auth.CodeQuestion{}); !reflect.DeepEqual(a, auth.Code("12345")) || err != nil {
		t.Errorf("got %v, %v", a, err)
	}
	out.Reset()
	a, err := terminal.Ask(t.Context(), auth.PasswordQuestion{})
	if s, ok := a.(auth.SecretAnswer); !ok || s.Reveal() != "battery staple" || err != nil {
		t.Errorf("got %T, %v", a, err)
	}
	if out.String() != "The account has a password.\n(hidden) Password: \n" {
		t.Errorf("got %q, want the prompt after the input is hidden, and a line's end in place of the one that did not show", out.String())
	}
}

// Questions have words from the network in them.
func TestTerminalShowsNoControlCharacters(t *testing.T) {
	_, shown, _ := ask(t, auth.PasswordQuestion{Hint: "\x1b]0;title\a\x1b[31mred\r\u202efdp\u00a0here"}, "x\n")
	if want := "The account has a password. Its hint: ]0;title[31mred fdp\u00a0here\nPassword: "; shown != want {
		t.Errorf("got %q, want %q", shown, want)
	}
}

func TestEndOfInputIsAClearError(t *testing.T) {
	for _, q := range []auth.Question{auth.PhoneQuestion{}, auth.CodeQuestion{}, auth.PasswordQuestion{}, auth.TermsQuestion{}, auth.NameQuestion{}} {
		a, _, err := ask(t, q, "")
		if a != nil || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "the input ended before the question was answered") {
			t.Errorf("%T: got %v, %v", q, a, err)
		}
	}
}

func TestTerminalTakesNoEndlessLine(t *testing.T) {
	_, _, err := ask(t, auth.CodeQuestion{}, strings.Repeat("1", 5000)+"\n")
	if err == nil || !strings.Contains(err.Error(), "more than 4096 bytes") {
		t.Errorf("got %v, want that the line is too long", err)
	}
}

func TestTerminalPassesOnErrors(t *testing.T) {
	mine := errors.New("mine")
	if _, err := auth.Terminal(iotest.ErrReader(mine), io.Discard).Ask(t.Context(), auth.CodeQuestion{}); !errors.Is(err, mine) {
		t.Errorf("got %v, want the reader's error", err)
	}
	r, w := io.Pipe()
	r.CloseWithError(mine)
	for _, q := range []auth.Question{auth.CodeQuestion{}, auth.PasswordQuestion{}} {
		if _, err := auth.Terminal(strings.NewReader("1\n"), w).Ask(t.Context(), q); !errors.Is(err, mine) {
			t.Errorf("got %v, want the writer's error", err)
		}
	}
	if _, err := auth.Terminal(nil, io.Discard).Ask(t.Context(), nil); err == nil {
		t.Error("got no error for no question")
	}
}

func TestTerminalLetsGoWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, typing := io.Pipe()
		terminal := auth.Terminal(in, io.Discard)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := terminal.Ask(ctx, auth.CodeQuestion{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		go typing.Write([]byte("12345\n"))
		if a, err := terminal.Ask(t.Context(), auth.CodeQuestion{}); !reflect.DeepEqual(a, auth.Code("12345")) || err != nil {
			t.Errorf("got %v, %v, want the line that was being waited for", a, err)
		}
	})
}

func TestTerminalSaysWhoHasToAnswer(t *testing.T) {
	var open *auth.UnansweredError
	_, err := auth.Terminal(nil, io.Discard).Ask(t.Context(), auth.PasskeyQuestion{})
	if !errors.As(err, &open) || !strings.Contains(err.Error(), "see PasskeyAsker") {
		t.Errorf("got %v, want that an authenticator has to answer", err)
	}
}
