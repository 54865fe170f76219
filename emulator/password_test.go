package emulator

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
)

var (
	self        = &tg.UsersGetUsers{ID: []tg.AnyInputUser{&tg.InputUserSelf{}}}
	getPassw0rd = &tg.AccountGetPassword{}
)

// halfIn types in the right code of an account with a password.
func halfIn(t *testing.T, v *visitor) {
	t.Helper()
	wantRefusal(t, v, typeIn(ann, ask(t, v, ann), codeX), 401, "SESSION_PASSWORD_NEEDED")
}

func TestASignInWithAPassword(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse", Hint: "battery"})
	v := d.visitor(2)
	wantRefusal(t, v, getPassw0rd, 401, "AUTH_KEY_UNREGISTERED")
	wantRefusal(t, v, &tg.AuthCheckPassword{Password: &tg.InputCheckPasswordEmpty{}}, 401, "AUTH_KEY_UNREGISTERED")
	halfIn(t, v)

	// Ordinary methods say where the key stands.
	wantRefusal(t, v, self, 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, v, &tg.UpdatesGetState{}, 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, v, &tg.MessagesGetAllDrafts{}, 401, "SESSION_PASSWORD_NEEDED")
	get(t, v, &tg.HelpGetNearestDC{})

	p := get(t, v, getPassw0rd)
	if !p.HasPassword || *p.Hint != "battery" || len(p.SRPB) != 256 || p.NewAlgo == nil || p.NewSecureAlgo == nil {
		t.Fatalf("got %+v", p)
	}
	wrong := proof(t, p, "incorrect horse")
	wantRefusal(t, v, wrong, 400, "PASSWORD_HASH_INVALID")
	// One question, one answer.
	wantRefusal(t, v, proof(t, p, "correct horse"), 400, "SRP_ID_INVALID")
	wantRefusal(t, v, &tg.AuthCheckPassword{Password: &tg.InputCheckPasswordEmpty{}}, 400, "PASSWORD_HASH_INVALID")

	right := proof(t, get(t, v, getPassw0rd), "correct horse")
	u := userOf(t, get(t, v, right))
	if got := get(t, v, self)[0].(*tg.User); got.ID != u.ID {
		t.Errorf("got %+v, want oneself", got)
	}
	// And the same again, for a client that lost the answer.
	userOf(t, get(t, v, right))
}

func TestAPasswordQuestionBelongsToItsKey(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	v, w := d.visitor(2), d.visitor(2)
	halfIn(t, v)
	halfIn(t, w)
	p := get(t, v, getPassw0rd)
	wantRefusal(t, w, proof(t, p, "correct horse"), 400, "SRP_ID_INVALID")
	userOf(t, get(t, v, proof(t, p, "correct horse")))
	wantRefusal(t, w, self, 401, "SESSION_PASSWORD_NEEDED")
}

// Each question costs the server an exponentiation, so one that was not answered
// yet is asked again. It is good for one proof all the same.
func TestAQuestionThatWasNotAnsweredIsAskedAgain(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	v := d.visitor(2)
	halfIn(t, v)
	first := get(t, v, getPassw0rd)
	for range 10 {
		again := get(t, v, getPassw0rd)
		if *again.SRPID != *first.SRPID || !bytes.Equal(again.SRPB, first.SRPB) {
			t.Fatalf("got the question %d, want %d again", *again.SRPID, *first.SRPID)
		}
	}
	if n := len(v.key.challenges); n != 1 {
		t.Errorf("got %d open questions, want 1", n)
	}
	wantRefusal(t, v, proof(t, first, "wrong"), 400, "PASSWORD_HASH_INVALID")
	wantRefusal(t, v, proof(t, first, "correct horse"), 400, "SRP_ID_INVALID")
	second := get(t, v, getPassw0rd)
	if *second.SRPID == *first.SRPID || bytes.Equal(second.SRPB, first.SRPB) {
		t.Error("got the question that was answered wrongly once more")
	}
	userOf(t, get(t, v, proof(t, second, "correct horse")))
}

func TestAnAThatNeedsNoPasswordIsRefused(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	v := d.visitor(2)
	halfIn(t, v)
	for _, a := range [][]byte{nil, {0}, {1}, make([]byte, 256), bytes.Repeat([]byte{0xff}, 256), make([]byte, 5000)} {
		p := get(t, v, getPassw0rd)
		q := &tg.AuthCheckPassword{Password: &tg.InputCheckPasswordSRP{SRPID: *p.SRPID, A: a, M1: make([]byte, 32)}}
		wantRefusal(t, v, q, 400, "PASSWORD_HASH_INVALID")
	}
}

func TestACodeThatArrivesTwiceAsksForThePasswordTwice(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	v := d.visitor(2)
	q := typeIn(ann, ask(t, v, ann), codeX)
	wantRefusal(t, v, q, 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, v, q, 401, "SESSION_PASSWORD_NEEDED")
}

func TestAHalfDoneSignInCanBeGivenUp(t *testing.T) {
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	v := d.visitor(2)
	halfIn(t, v)
	get(t, v, &tg.AuthLogOut{})
	wantUnauthorized(t, v)
	wantRefusal(t, v, getPassw0rd, 401, "AUTH_KEY_UNREGISTERED")
}

func TestAnAccountWithoutPasswordSaysSo(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	if p := get(t, v, getPassw0rd); p.HasPassword || p.CurrentAlgo != nil || p.SRPID != nil || p.NewAlgo == nil {
		t.Errorf("got %+v, want no password", p)
	}
	wantRefusal(t, v, &tg.AuthCheckPassword{Password: &tg.InputCheckPasswordEmpty{}}, 400, "PASSWORD_EMPTY")
}

func TestPasswordsAreNotPrinted(t *testing.T) {
	u := User{Phone: ann, Password: "correct horse"}
	d := newDesk(t, u)
	a := d.w.accounts.byPhone["9996620001"]
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("users", "one", u, "password", a.password)
	slog.New(slog.NewTextHandler(&log, nil)).Info("users", "one", u, "all", []User{u})
	if strings.Contains(log.String(), "correct") || !strings.Contains(log.String(), ann) {
		t.Errorf("got the log %s", &log)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, v := range []any{u, &u, []User{u}, *a, a.password, Config{Users: []User{u}}} {
			text := fmt.Sprintf(verb, v)
			if strings.Contains(text, "correct") || strings.Contains(text, fmt.Sprintf("%x", "correct")) {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
}
