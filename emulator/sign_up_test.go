package emulator

import (
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

const stranger = "+9996621234"

// invited types in the code of a number without an account.
func invited(t *testing.T, v *visitor) (hash string, terms *tg.HelpTermsOfService) {
	t.Helper()
	hash = ask(t, v, stranger)
	answer := get(t, v, typeIn(stranger, hash, codeX))
	required, ok := answer.(*tg.AuthAuthorizationSignUpRequired)
	if !ok || required.TermsOfService == nil || required.TermsOfService.Text == "" {
		t.Fatalf("got %+v, want to be invited, with terms", answer)
	}
	return hash, required.TermsOfService
}

func TestSigningUp(t *testing.T) {
	d := newDesk(t)
	v := d.visitor(2)
	hash, terms := invited(t, v)
	wantUnauthorized(t, v)
	up := &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: " New ", LastName: "Comer"}
	u := userOf(t, get(t, v, up))
	if *u.FirstName != "New" || *u.LastName != "Comer" || *u.Phone != "9996621234" {
		t.Errorf("got %+v", u)
	}
	if !get(t, v, &tg.HelpAcceptTermsOfService{ID: terms.ID}) {
		t.Error("the terms cannot be accepted")
	}
	wantRefusal(t, v, &tg.HelpAcceptTermsOfService{ID: &tg.DataJSON{Data: "{"}}, 400, "DATA_JSON_INVALID")
	// The answer may get lost here, too.
	if again := userOf(t, get(t, v, up)); again.ID != u.ID {
		t.Error("signing up twice made two accounts")
	}
	// Next time it is an account like any other.
	other := d.visitor(2)
	if again := signedIn(t, other, stranger); again.ID != u.ID {
		t.Errorf("got the user %d, want %d", again.ID, u.ID)
	}
}

func TestAWrongNameMayBePutRight(t *testing.T) {
	d := newDesk(t)
	v := d.visitor(2)
	hash, _ := invited(t, v)
	up := &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash}
	for _, name := range []string{"", "  ", strings.Repeat("n", 65), "\xff"} {
		up.FirstName = name
		wantRefusal(t, v, up, 400, "FIRSTNAME_INVALID")
	}
	up.FirstName, up.LastName = strings.Repeat("ж", 64), strings.Repeat("n", 65)
	wantRefusal(t, v, up, 400, "LASTNAME_INVALID")
	up.LastName = ""
	if u := userOf(t, get(t, v, up)); u.LastName != nil {
		t.Errorf("got the last name %q, want none", *u.LastName)
	}
}

func TestSigningUpNeedsACodeOfOnesOwn(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	hash := ask(t, v, stranger)
	up := &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: "New"}
	wantRefusal(t, v, up, 400, "PHONE_CODE_EMPTY") // not typed in yet
	wantRefusal(t, v, typeIn(stranger, hash, "00000"), 400, "PHONE_CODE_INVALID")
	wantRefusal(t, v, up, 400, "PHONE_CODE_INVALID") // not the right one
	get(t, v, typeIn(stranger, hash, codeX))
	wantRefusal(t, d.visitor(2), up, 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, &tg.AuthSignUp{PhoneNumber: ann, PhoneCodeHash: hash, FirstName: "N"}, 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, &tg.AuthSignUp{PhoneNumber: ann, PhoneCodeHash: ask(t, v, ann), FirstName: "N"}, 400, "PHONE_NUMBER_OCCUPIED")
	wantRefusal(t, v, &tg.AuthSignUp{PhoneNumber: "x", PhoneCodeHash: hash, FirstName: "N"}, 400, "PHONE_NUMBER_INVALID")
	d.now = d.now.Add(5 * time.Minute)
	wantRefusal(t, v, up, 400, "PHONE_CODE_EXPIRED")
}

func TestOfTwoWhoSignUpOneIsFirst(t *testing.T) {
	d := newDesk(t)
	v, w := d.visitor(2), d.visitor(2)
	hash, _ := invited(t, v)
	late, _ := invited(t, w)
	get(t, v, &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: "First"})
	wantRefusal(t, w, &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: late, FirstName: "Second"}, 400, "PHONE_NUMBER_OCCUPIED")
}
