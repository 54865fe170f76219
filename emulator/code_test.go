package emulator

import (
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

const (
	ann   = "+9996620001" // at home in DC 2
	codeX = "22222"
)

func TestASignInByCode(t *testing.T) {
	d := newDesk(t, User{Phone: ann, FirstName: "Ann", LastName: "Onym"})
	v := d.visitor(2)
	wantUnauthorized(t, v)

	sent := askFor(t, v, ann)
	if kind, ok := sent.Type.(*tg.AuthSentCodeTypeSMS); !ok || kind.Length != 5 || len(sent.PhoneCodeHash) != 18 {
		t.Errorf("got %+v, want a text message with 5 digits and a hash of 18 characters", sent)
	}
	u := userOf(t, get(t, v, typeIn(ann, sent.PhoneCodeHash, codeX)))
	if *u.FirstName != "Ann" || *u.LastName != "Onym" || *u.Phone != "9996620001" || u.ID <= 1<<32 {
		t.Errorf("got %+v", u)
	}
	full := get(t, v, &tg.UsersGetFullUser{ID: &tg.InputUserSelf{}})
	if full.FullUser.ID != u.ID || len(full.Users) != 1 || full.Users[0].(*tg.User).ID != u.ID {
		t.Errorf("got %+v, want oneself in full", full)
	}
}

func TestNumbersAreReadHoweverTheyAreWritten(t *testing.T) {
	d := newDesk(t, User{Phone: "999 662-0001"})
	for _, phone := range []string{"9996620001", "+9996620001", "+999 (662) 00-01", " 999.662.0001 "} {
		v := d.visitor(2)
		hash := ask(t, v, phone)
		userOf(t, get(t, v, typeIn("9996620001", hash, codeX)))
	}
	v := d.visitor(2)
	for _, phone := range []string{"", "+", "1234", "call me", "99966२०००१", "9996620001x", "1234567890123456", "99+96620001", "\x00", "\xff"} {
		wantRefusal(t, v, codeFor(phone), 400, "PHONE_NUMBER_INVALID")
		wantRefusal(t, v, typeIn(phone, "some hash", codeX), 400, "PHONE_NUMBER_INVALID")
	}
}

func TestAnApplicationMustNameItself(t *testing.T) {
	v := newDesk(t).visitor(2)
	noID, noHash := codeFor(ann), codeFor(ann)
	noID.APIID, noHash.APIHash = 0, ""
	wantRefusal(t, v, noID, 400, "API_ID_INVALID")
	wantRefusal(t, v, noHash, 400, "API_ID_INVALID")
}

func TestANumberIsServedAtHomeOnly(t *testing.T) {
	d := newDesk(t, User{Phone: "+4915112345", DC: 3}, User{Phone: "+4915199999"})
	for _, c := range []struct {
		phone string
		home  int
	}{{"9996610000", 1}, {"9996620000", 2}, {"9996639999", 3}, {"4915112345", 3}} {
		for dc := 1; dc <= 3; dc++ {
			if dc == c.home {
				ask(t, d.visitor(dc), c.phone)
				continue
			}
			wantRefusal(t, d.visitor(dc), codeFor(c.phone), 303, "PHONE_MIGRATE_"+string(rune('0'+c.home)))
		}
	}
	// An account without a home settles where it is first asked for.
	ask(t, d.visitor(1), "4915199999")
	wantRefusal(t, d.visitor(2), codeFor("4915199999"), 303, "PHONE_MIGRATE_1")
	// A number without an account has none.
	for dc := 1; dc <= 3; dc++ {
		ask(t, d.visitor(dc), "15550001111")
	}
	// 99966 alone makes no test number.
	ask(t, d.visitor(1), "9996640000")
	ask(t, d.visitor(1), "99966200001")
}

func TestOrdinaryNumbersGetRandomCodes(t *testing.T) {
	d := newDesk(t)
	seen := map[string]bool{}
	for range 10 {
		v := d.visitor(1)
		hash := ask(t, v, "+15550001111")
		code := d.w.outbox.sent[len(d.w.outbox.sent)-1]
		if len(code.Code) != 5 || code.Phone != "+15550001111" || code.Channel != SMS {
			t.Fatalf("got %+v", code)
		}
		seen[code.Code] = true
		get(t, v, typeIn("15550001111", hash, code.Code))
	}
	if len(seen) < 8 {
		t.Errorf("got the codes %v, want ten random ones", seen)
	}
}

func TestACodeMayBeMistypedFourTimes(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	for range 4 {
		wantRefusal(t, v, typeIn(ann, hash, "00000"), 400, "PHONE_CODE_INVALID")
	}
	userOf(t, get(t, v, typeIn(ann, hash, codeX)))
}

func TestTheFifthWrongCodeIsTheLast(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	for range 5 {
		wantRefusal(t, v, typeIn(ann, hash, "00000"), 400, "PHONE_CODE_INVALID")
	}
	wantRefusal(t, v, typeIn(ann, hash, codeX), 400, "PHONE_CODE_EXPIRED")
	userOf(t, get(t, v, typeIn(ann, ask(t, v, ann), codeX)))
}

func TestACodeLivesFiveMinutes(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	d.now = d.now.Add(299 * time.Second)
	wantRefusal(t, v, typeIn(ann, hash, "00000"), 400, "PHONE_CODE_INVALID")
	d.now = d.now.Add(time.Second)
	wantRefusal(t, v, typeIn(ann, hash, codeX), 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, &tg.AuthResendCode{PhoneNumber: ann, PhoneCodeHash: hash}, 400, "PHONE_CODE_EXPIRED")
}

func TestACodeIsGoodOnceAndOnlyWithItsOwnHashNumberAndKey(t *testing.T) {
	const bob = "+9996620002"
	d := newDesk(t, User{Phone: ann}, User{Phone: bob})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	other := ask(t, v, bob)
	wantRefusal(t, v, typeIn(ann, other, codeX), 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, typeIn(bob, hash, codeX), 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, typeIn(ann, "0123456789abcdef01", codeX), 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, typeIn(ann, "", codeX), 400, "PHONE_CODE_HASH_EMPTY")
	wantRefusal(t, v, typeIn(ann, hash, ""), 400, "PHONE_CODE_EMPTY")
	wantRefusal(t, v, &tg.AuthSignIn{PhoneNumber: ann, PhoneCodeHash: hash}, 400, "PHONE_CODE_EMPTY")
	wantRefusal(t, d.visitor(2), typeIn(ann, hash, codeX), 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, d.visitor(2), typeIn("+9996620003", hash, codeX), 400, "PHONE_CODE_EXPIRED")

	userOf(t, get(t, v, typeIn(ann, hash, codeX)))
	get(t, v, &tg.AuthLogOut{})
	wantRefusal(t, v, typeIn(ann, hash, codeX), 400, "PHONE_CODE_EXPIRED")
}

func TestACancelledCodeIsDead(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	hash := ask(t, v, ann)
	if !get(t, v, &tg.AuthCancelCode{PhoneNumber: ann, PhoneCodeHash: hash}) {
		t.Error("got false, want true")
	}
	wantRefusal(t, v, typeIn(ann, hash, codeX), 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, &tg.AuthCancelCode{PhoneNumber: ann, PhoneCodeHash: hash}, 400, "PHONE_CODE_EXPIRED")
	wantRefusal(t, v, &tg.AuthCancelCode{PhoneNumber: "?", PhoneCodeHash: hash}, 400, "PHONE_NUMBER_INVALID")
}

func TestACodeGoesOverEveryChannelInTurn(t *testing.T) {
	const phone = "+15550001111"
	d := newDesk(t, User{Phone: phone})
	first := d.visitor(1)
	hash := ask(t, first, phone)
	get(t, first, typeIn(phone, hash, d.w.outbox.sent[0].Code))

	second := d.visitor(1)
	sent := askFor(t, second, phone)
	if _, ok := sent.Type.(*tg.AuthSentCodeTypeApp); !ok || *sent.Timeout != 60 {
		t.Fatalf("got %+v, want the app, and a minute", sent)
	}
	again := &tg.AuthResendCode{PhoneNumber: phone, PhoneCodeHash: sent.PhoneCodeHash}
	old := d.w.outbox.sent[1].Code
	wantRefusal(t, second, again, 406, "SEND_CODE_UNAVAILABLE")
	d.now = d.now.Add(time.Minute)
	sent = get(t, second, again).(*tg.AuthSentCode)
	if _, ok := sent.Type.(*tg.AuthSentCodeTypeSMS); !ok || sent.PhoneCodeHash != again.PhoneCodeHash {
		t.Fatalf("got %+v, want a text message under the same hash", sent)
	}
	wantRefusal(t, second, again, 406, "SEND_CODE_UNAVAILABLE")
	d.now = d.now.Add(time.Minute)
	sent = get(t, second, again).(*tg.AuthSentCode)
	if _, ok := sent.Type.(*tg.AuthSentCodeTypeCall); !ok || sent.NextType != nil || sent.Timeout != nil {
		t.Fatalf("got %+v, want a call and nothing after it", sent)
	}
	wantRefusal(t, second, again, 406, "SEND_CODE_UNAVAILABLE")
	if newest := d.w.outbox.sent[3].Code; newest != old {
		wantRefusal(t, second, typeIn(phone, sent.PhoneCodeHash, old), 400, "PHONE_CODE_INVALID")
		get(t, second, typeIn(phone, sent.PhoneCodeHash, newest))
	}
}

func TestThereIsNoLimitOnCodes(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	for range 3 * maxSentCodes {
		ask(t, v, ann)
	}
	if n := len(v.key.requests); n > maxCodeRequests {
		t.Errorf("got %d open requests, want at most %d", n, maxCodeRequests)
	}
	if n := len(d.w.outbox.sent); n != maxSentCodes {
		t.Errorf("got %d codes remembered, want %d", n, maxSentCodes)
	}
	signedIn(t, v, ann)
}

// https://core.telegram.org/api/errors: a client that never saw the answer
// sends the same call again.
func TestASignInThatArrivesTwiceSucceedsTwice(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	q := typeIn(ann, ask(t, v, ann), codeX)
	first := userOf(t, get(t, v, q))
	second := userOf(t, get(t, v, q))
	if first.ID != second.ID || len(d.w.accounts.byPhone["9996620001"].logins) != 1 {
		t.Error("the second answer is not the first one")
	}
	get(t, v, &tg.AuthLogOut{})
	wantRefusal(t, v, q, 400, "PHONE_CODE_EXPIRED")
}
