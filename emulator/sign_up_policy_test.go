package emulator

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
)

func TestSigningUpMayBeForbidden(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	d.w.signUp = SignUpForbidden
	v := d.visitor(2)
	wantRefusal(t, v, codeFor(stranger), 400, "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN")
	signedIn(t, v, ann)
}

func TestSigningUpMayTakeAnotherApplication(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	d.w.signUp = SignUpUpdateApp
	for _, layer := range []int{158, 228, 232} {
		d.w.pushes = nil
		v := d.visitorOf(2, layer)
		hash := ask(t, v, stranger)
		wantRefusal(t, v, typeIn(stranger, hash, codeX), 406, "UPDATE_APP_TO_LOGIN")
		wantRefusal(t, v, &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: "New"}, 400, "PHONE_CODE_EXPIRED")
		// The words for it come by themselves.
		if len(d.w.pushes) != 1 || d.w.pushes[0].key != v.key {
			t.Fatalf("got %d updates, want one", len(d.w.pushes))
		}
		b, err := d.w.views.write(layer, d.w.pushes[0].update)
		if err != nil {
			t.Fatal(err)
		}
		readBack(t, d.w.views.of(layer), layer, "Updates", b)
	}
	signedIn(t, d.visitor(2), ann)
}

func TestAnUnoccupiedNumberMayBeSaidToBeOne(t *testing.T) {
	d := newDesk(t)
	d.w.signUp = SignUpUnoccupied
	v := d.visitor(2)
	hash := ask(t, v, stranger)
	wantRefusal(t, v, typeIn(stranger, hash, codeX), 400, "PHONE_NUMBER_UNOCCUPIED")
	userOf(t, get(t, v, &tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: "New"}))
}

func TestTermsMayAskForAnAge(t *testing.T) {
	d := newDesk(t)
	if _, terms := invited(t, d.visitor(2)); terms.MinAgeConfirm != nil {
		t.Errorf("got %+v, want no age", terms)
	}
	d.w.minAge = 16
	if _, terms := invited(t, d.visitor(2)); terms.MinAgeConfirm == nil || *terms.MinAgeConfirm != 16 {
		t.Errorf("got %+v, want 16 years", terms)
	}
}

func TestASeedSaysWhoMaySignUp(t *testing.T) {
	seed, err := ParseSeed([]byte(`{"sign_up":"forbidden","min_age":16,"users":[{"phone":"+9996620001","banned":true}]}`))
	if err != nil || seed.SignUp != SignUpForbidden || seed.MinAge != 16 {
		t.Fatalf("got %+v, %v", seed, err)
	}
	s := running(t, Config{Users: seed.Users, SignUp: seed.SignUp, MinAge: seed.MinAge})
	l := connect(t, s, 2, how{})
	wantRefusal(t, l, codeFor(ann), 400, "PHONE_NUMBER_BANNED")
	wantRefusal(t, l, codeFor(stranger), 400, "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN")
	for text, want := range map[string]string{
		`{"users":[],"sign_up":"sometimes"}`: `sign_up: got "sometimes"`,
		`{"users":[],"min_age":-1}`:          "min_age: got -1",
	} {
		if _, err := ParseSeed([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if _, err := Start(Config{SignUp: "sometimes"}); err == nil {
		t.Error("a Server may let people sign up sometimes")
	}
}
