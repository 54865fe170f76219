package emulator

import (
	"testing"

	"github.com/telekey/telekey/tg"
)

// https://core.telegram.org/api/updates#recovering-gaps
func TestWhatWasMissedComesInSlices(t *testing.T) {
	first, _ := codesByApp(t, maxSlice+10)
	pts, got := int32(0), 0
	for range 2 {
		slice, ok := get(t, first, &tg.UpdatesGetDifference{Pts: pts}).(*tg.UpdatesDifferenceSlice)
		if !ok {
			break
		}
		if len(slice.NewMessages) != maxSlice || slice.IntermediateState.Pts != firstPts+maxSlice || len(slice.Users) != 2 {
			t.Fatalf("got %d messages and %+v", len(slice.NewMessages), slice.IntermediateState)
		}
		pts, got = slice.IntermediateState.Pts, got+len(slice.NewMessages)
	}
	rest := get(t, first, &tg.UpdatesGetDifference{Pts: pts}).(*tg.UpdatesDifference)
	if got += len(rest.NewMessages); got != maxSlice+10 || rest.State.Pts != firstPts+maxSlice+10 {
		t.Errorf("got %d messages and %+v, want all", got, rest.State)
	}
	if s, ok := get(t, first, &tg.UpdatesGetDifference{Pts: pts, PtsLimit: new(int32(3))}).(*tg.UpdatesDifferenceSlice); !ok || len(s.NewMessages) != 3 {
		t.Errorf("got %+v, want three", s)
	}
	if long, ok := get(t, first, &tg.UpdatesGetDifference{PtsTotalLimit: new(int32(3))}).(*tg.UpdatesDifferenceTooLong); !ok || long.Pts != firstPts+maxSlice+10 {
		t.Errorf("got %+v, want to begin anew", long)
	}
}

func TestWhoMissedTooMuchBeginsAnew(t *testing.T) {
	first, _ := codesByApp(t, maxNotices+2)
	// Messages 1 and 2, with pts 2 and 3, are not kept any more.
	for _, pts := range []int32{0, 1, 2} {
		if long, ok := get(t, first, &tg.UpdatesGetDifference{Pts: pts}).(*tg.UpdatesDifferenceTooLong); !ok || long.Pts != firstPts+maxNotices+2 {
			t.Errorf("pts %d: got %+v, want to begin anew", pts, long)
		}
	}
	if _, ok := get(t, first, &tg.UpdatesGetDifference{Pts: 3, PtsLimit: new(int32(1000))}).(*tg.UpdatesDifferenceSlice); !ok {
		t.Error("what is there still is not sent")
	}
}

func TestANewDeviceIsPartOfTheDifference(t *testing.T) {
	s := newStory(t)
	before := get(t, s.phone, &tg.UpdatesGetState{})
	second(t, s)
	diff := get(t, s.phone, &tg.UpdatesGetDifference{Pts: before.Pts, Date: before.Date}).(*tg.UpdatesDifference)
	if len(diff.OtherUpdates) != 2 || diff.OtherUpdates[0].(*tg.UpdateNewAuthorization).Hash != s.screen.key.login.hash || len(diff.NewMessages) != 1 {
		t.Errorf("got %+v, want the code, the device and the notice", diff)
	}
	// The device itself need not be told of itself.
	if d, ok := get(t, s.screen, &tg.UpdatesGetDifference{}).(*tg.UpdatesDifference); !ok || len(d.OtherUpdates) != 0 {
		t.Errorf("got %+v, want the messages alone", d)
	}
	s.now = s.now.Add(day)
	if d, ok := get(t, s.phone, &tg.UpdatesGetDifference{Pts: diff.State.Pts, Date: unix(s.now)}).(*tg.UpdatesDifferenceEmpty); !ok {
		t.Errorf("got %+v a day later, want nothing", d)
	}
	for range 2 * maxEvents {
		s.w.tellOthers(s.now, s.phone.account(), &tg.UpdateConfig{})
	}
	if n := len(s.phone.account().events); n != maxEvents {
		t.Errorf("got %d events, want %d", n, maxEvents)
	}
}

// https://core.telegram.org/api/auth#invalidating-login-codes
func TestACodeThatWasShownIsInvalidated(t *testing.T) {
	const phone = "+15550001111"
	d := newDesk(t, User{Phone: phone})
	owner, thief := d.visitor(2), d.visitor(2)
	hash := ask(t, owner, phone)
	get(t, owner, typeIn(phone, hash, d.w.outbox.sent[0].Code))
	hash = ask(t, thief, phone)
	code := d.w.outbox.sent[1].Code
	get(t, owner, &tg.AccountInvalidateSignInCodes{Codes: []string{"none", code}})
	wantRefusal(t, thief, typeIn(phone, hash, code), 400, "PHONE_CODE_EXPIRED")
	for range 2 * maxAsked {
		ask(t, d.visitor(2), phone)
	}
	if n := len(owner.account().asked); n > maxAsked {
		t.Errorf("got %d codes, want at most %d", n, maxAsked)
	}
}
