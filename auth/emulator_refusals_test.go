package auth_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/emutest"
	"github.com/telekey/telekey/tg"
)

// way is how a program comes to a call, for the emulator to refuse.
type way struct {
	ann    emulator.User // whose account it is about; without a number it has annsNumber
	inside bool          // her program is signed in
	before func(t *testing.T, srv *emulator.Server, c *telekey.Client)
	call   func(ctx context.Context, srv *emulator.Server, c *telekey.Client) error
}

// refusals are those that Telegram documents, by the call that is refused and the
// way to it. A line is the refusal, and words that the error has which reaches the
// caller: what can be done about it. After an arrow it is no error of Telegram's
// that reaches the caller, because the flow knows what to do: it ends as told, or
// all is "done".
type refusals struct {
	method string
	way    way
	lines  string
}

// Every error that is documented for a call that this room makes reaches whoever
// had it made as a [tg.Error], or is dealt with. What the emulator refuses by
// itself, and for which reason, is told in the emulator's own tests: here a rule
// has it say each of them.
func TestEveryDocumentedRefusalReachesTheCallerTyped(t *testing.T) {
	for _, r := range slices.Concat(signInRefusals, passwordRefusals, accountRefusals) {
		t.Run(r.method, func(t *testing.T) {
			t.Parallel()
			r.way.ann.Phone, r.way.ann.FirstName = cmp.Or(r.way.ann.Phone, annsNumber), "Ann"
			srv := emutest.Start(t)
			if r.way.ann.LastName != "nobody" {
				srv = emutest.Start(t, r.way.ann)
			}
			c := emutest.Dial(t, srv)
			if r.way.inside {
				c = emutest.SignIn(t, srv, r.way.ann)
			}
			if r.way.before != nil {
				r.way.before(t, srv, c)
			}
			home := c.Session().Home
			for line := range strings.SplitSeq(strings.TrimSpace(r.lines), "\n") {
				r.check(t, srv, c, strings.TrimSpace(line))
				if d := c.Session(); !r.way.inside && (d.User != nil || d.Home != home) {
					c = emutest.Dial(t, srv) // this one was let in, or has moved
				}
			}
		})
	}
}

func (r refusals) check(t *testing.T, srv *emulator.Server, c *telekey.Client, line string) {
	t.Helper()
	said, outcome, dealtWith := strings.Cut(line, " -> ")
	said, words, _ := strings.Cut(said, ": ")
	refusal := refusalOf(t, said)
	rule := emulator.Rule{Method: r.method, Do: "error", Code: refusal.Code, Message: refusal.Message}
	if refusal.Code == 403 {
		rule.Do, rule.Code, rule.Token = "challenge", 0, "vouched for"
	}
	srv.ClearRules()
	if _, err := srv.AddRule(rule); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	err := r.way.call(t.Context(), srv, c)
	got := tg.AsError(err)
	switch {
	case dealtWith && outcome == "done":
		if err != nil {
			t.Errorf("%s: got %v", line, err)
		}
	case dealtWith:
		if err == nil || !strings.HasSuffix(err.Error(), outcome) || got != nil {
			t.Errorf("%s: got %v", line, err)
		}
	case got == nil || got.Code != refusal.Code || !errors.Is(err, refusal.Type) || !strings.Contains(err.Error(), words):
		t.Errorf("%s: got %v", line, err)
	}
}

// refusalOf reads a refusal: its code and its message.
func refusalOf(t *testing.T, line string) *tg.Error {
	t.Helper()
	var code int
	var message string
	if _, err := fmt.Sscanf(line, "%d %s", &code, &message); err != nil {
		t.Fatalf("%q is no refusal: %v", line, err)
	}
	return tg.NewError(code, message)
}

// once answers as Ann does, each question once: what is asked again, because its
// answer was refused, is where she gives up, and why. said is what she says first;
// nil: what she knows, and the code that the emulator sent her.
func once(srv *emulator.Server, said func(q auth.Question) auth.Answer) auth.Asker {
	return auth.AskerFunc(func(ctx context.Context, q auth.Question) (auth.Answer, error) {
		open := &auth.UnansweredError{Question: q}
		if open.Unwrap() != nil {
			return nil, open
		}
		if said != nil {
			if a := said(q); a != nil {
				return a, nil
			}
		}
		switch q.(type) {
		case auth.CodeQuestion:
			ctx, stop := context.WithTimeout(ctx, 10*time.Second)
			defer stop()
			code, err := srv.WaitCode(ctx, annsNumber)
			return auth.Code(code.Code), err
		case auth.ShowQR:
			return nil, nil
		}
		return auth.Answers{
			Password: auth.Secret("correct horse"), NewPassword: auth.NewPassword{Password: auth.Secret("battery staple")},
			FirstName: "Ann", AcceptTerms: true, Email: "ann@example.org",
		}.Ask(ctx, q)
	})
}

// saying is something that Ann says to every question of one type.
func saying[Q auth.Question](a auth.Answer) func(auth.Question) auth.Answer {
	return func(q auth.Question) auth.Answer {
		if _, ok := q.(Q); ok {
			return a
		}
		return nil
	}
}

// firstSaying is something that Ann says to the first question of one type alone.
func firstSaying[Q auth.Question](a auth.Answer) func(auth.Question) auth.Answer {
	said := false
	return func(q auth.Question) auth.Answer {
		if _, ok := q.(Q); !ok || said {
			return nil
		}
		said = true
		return a
	}
}
