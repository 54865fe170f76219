package emulator

import (
	"testing"
	"time"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

// https://core.telegram.org/api/auth
func TestANumberIsChanged(t *testing.T) {
	const elsewhere = "+9996631234" // whose home would be DC 3
	s := newStory(t)
	second(t, s)
	hash := get(t, s.phone, changingTo(elsewhere)).(*tg.AuthSentCode).PhoneCodeHash
	s.now = s.now.Add(time.Minute)
	hash = get(t, s.phone, &tg.AuthResendCode{PhoneNumber: elsewhere, PhoneCodeHash: hash}).(*tg.AuthSentCode).PhoneCodeHash
	wantRefusal(t, s.phone, typeIn(elsewhere, hash, "33333"), 400, "PHONE_CODE_EXPIRED") // it is not for that
	told(s.screen)
	q := &tg.AccountChangePhone{PhoneNumber: elsewhere, PhoneCodeHash: hash, PhoneCode: "33333"}
	for range 2 { // the answer may be lost
		if u := get(t, s.phone, q).(*tg.User); *u.Phone != "9996631234" || !u.Self {
			t.Errorf("got %+v, want the new number", u)
		}
	}
	news := told(s.screen)
	if len(news) != 1 || news[0].(*tg.UpdateUserPhone).Phone != "9996631234" {
		t.Errorf("got %+v, want the other device told", news)
	}
	// Home is where it was, and the old number is anybody's.
	wantRefusal(t, s.visitor(3), codeFor(elsewhere), 303, "PHONE_MIGRATE_2")
	v := s.visitor(2)
	if _, ok := get(t, v, typeIn(ann, ask(t, v, ann), codeX)).(*tg.AuthAuthorizationSignUpRequired); !ok {
		t.Error("the old number still has an account")
	}
}

func TestACodeForANewNumberMayBeCancelled(t *testing.T) {
	s := newStory(t)
	hash := changing(t, s)
	get(t, s.phone, &tg.AuthCancelCode{PhoneNumber: stranger, PhoneCodeHash: hash})
	wantRefusal(t, s.phone, &tg.AccountChangePhone{PhoneNumber: stranger, PhoneCodeHash: hash, PhoneCode: codeX}, 400, "PHONE_CODE_EXPIRED")
}

func TestNumbersChangeAndAccountsEndInEveryLayer(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest; layer++ {
		s := newStory(t)
		protect(s)
		s.phone.account().password.since = s.now // so that nobody would miss it
		hash := changing(t, s)
		s.phone.key.layer = layer
		view := s.w.views.of(layer)
		for _, call := range []any{
			&tg.AccountChangePhone{PhoneNumber: stranger, PhoneCodeHash: hash, PhoneCode: codeX},
			&tg.AccountDeleteAccount{Reason: "testing"},
		} {
			request, err := view.Append(nil, call)
			if err != nil {
				t.Fatal(err)
			}
			readBack(t, view, layer, view.DefinitionOf(call).Result.String(), raw(t, s.phone, request, ""))
		}
	}
}
