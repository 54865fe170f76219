package emulator

import (
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
)

// codesByApp signs a first device in and asks for n codes on a second one.
func codesByApp(t *testing.T, n int) (first, second *visitor) {
	t.Helper()
	d := newDesk(t, User{Phone: ann})
	first, second = d.visitor(2), d.visitor(2)
	signedIn(t, first, ann)
	for range n {
		ask(t, second, ann)
	}
	return first, second
}

func TestACodeIsToldToTheOtherDevices(t *testing.T) {
	first, second := codesByApp(t, 1)
	if len(first.w.pushes) != 1 || first.w.pushes[0].key != first.key {
		t.Fatalf("got %+v, want one update to the first device", first.w.pushes)
	}
	u := first.w.pushes[0].update.(*tg.Updates)
	m := u.Updates[0].(*tg.UpdateNewMessage).Message.(*tg.Message)
	if !strings.Contains(m.Message, codeX) || m.PeerID.(*tg.PeerUser).UserID != 777000 {
		t.Errorf("got %+v, want the code from 777000", m)
	}
	if service := u.Users[0].(*tg.User); service.ID != 777000 || !service.Verified || !service.Support || *service.Phone != "42777" {
		t.Errorf("got %+v, want Telegram", service)
	}
	wantUnauthorized(t, second)
}

func TestACodeIsReadInTheHistory(t *testing.T) {
	first, _ := codesByApp(t, 3)
	history := &tg.MessagesGetHistory{Peer: &tg.InputPeerUser{UserID: 777000}, Limit: 2}
	page := get(t, first, history).(*tg.MessagesMessages)
	if len(page.Messages) != 2 || page.Messages[0].(*tg.Message).ID != 3 || len(page.Users) != 2 {
		t.Fatalf("got %+v, want the last two messages, newest first", page)
	}
	history.OffsetID = 2
	if page := get(t, first, history).(*tg.MessagesMessages); len(page.Messages) != 1 || page.Messages[0].(*tg.Message).ID != 1 {
		t.Errorf("got %+v, want the first message", page)
	}
	for _, peer := range []tg.AnyInputPeer{&tg.InputPeerSelf{}, &tg.InputPeerEmpty{}, &tg.InputPeerUser{UserID: 1}, &tg.InputPeerChat{ChatID: 777000}} {
		wantRefusal(t, first, &tg.MessagesGetHistory{Peer: peer}, 400, "PEER_ID_INVALID")
	}
	dialogs := get(t, first, &tg.MessagesGetDialogs{OffsetPeer: &tg.InputPeerEmpty{}, Limit: 10}).(*tg.MessagesDialogs)
	if len(dialogs.Dialogs) != 1 || dialogs.Dialogs[0].(*tg.Dialog).TopMessage != 3 || len(dialogs.Messages) != 1 {
		t.Errorf("got %+v, want the one dialog", dialogs)
	}
}

// TDLib drops an update whose pts is not higher than its pts_count. The first
// message of an account is usually a login code.
func TestTheFirstMessageIsCountedFromOne(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	first, second := d.visitor(2), d.visitor(2)
	signedIn(t, first, ann)
	if state := get(t, first, &tg.UpdatesGetState{}); state.Pts != 1 {
		t.Errorf("got %+v, want pts 1 before any message", state)
	}
	ask(t, second, ann)
	u := d.w.pushes[0].update.(*tg.Updates).Updates[0].(*tg.UpdateNewMessage)
	if u.Pts != 2 || u.PtsCount != 1 || u.Message.(*tg.Message).ID != 1 {
		t.Errorf("got %+v, want message 1 with pts 2, pts_count 1", u)
	}
	if diff := get(t, first, &tg.UpdatesGetDifference{Pts: 1}).(*tg.UpdatesDifference); len(diff.NewMessages) != 1 || diff.State.Pts != 2 {
		t.Errorf("got %+v, want the message", diff)
	}
}

func TestWhatWasMissedIsTheDifference(t *testing.T) {
	first, _ := codesByApp(t, 3)
	state := get(t, first, &tg.UpdatesGetState{})
	if state.Pts != 4 {
		t.Fatalf("got %+v, want three events after pts 1", state)
	}
	diff := get(t, first, &tg.UpdatesGetDifference{Pts: 2}).(*tg.UpdatesDifference)
	if len(diff.NewMessages) != 2 || diff.NewMessages[0].(*tg.Message).ID != 2 || diff.State.Pts != 4 {
		t.Errorf("got %+v, want the second and third message", diff)
	}
	for _, pts := range []int32{0, 1} {
		if all := get(t, first, &tg.UpdatesGetDifference{Pts: pts}).(*tg.UpdatesDifference); len(all.NewMessages) != 3 {
			t.Errorf("pts %d: got %+v, want all three messages", pts, all)
		}
	}
	if _, ok := get(t, first, &tg.UpdatesGetDifference{Pts: 4}).(*tg.UpdatesDifferenceEmpty); !ok {
		t.Error("got a difference where there is none")
	}
}

func TestMessagesDoNotPileUp(t *testing.T) {
	first, _ := codesByApp(t, 2*maxNotices)
	if n := len(first.account().notices.kept); n != maxNotices {
		t.Errorf("got %d messages, want %d", n, maxNotices)
	}
}

func TestUsersAreFoundByTheirAccessHash(t *testing.T) {
	d := newDesk(t, User{Phone: ann}, User{Phone: "+9996620002", FirstName: "Bob"})
	v := d.visitor(2)
	me := signedIn(t, v, ann)
	bob := d.w.accounts.byPhone["9996620002"]
	users := get(t, v, &tg.UsersGetUsers{ID: []tg.AnyInputUser{
		&tg.InputUserSelf{}, &tg.InputUser{UserID: me.ID}, &tg.InputUser{UserID: 777000},
		&tg.InputUser{UserID: bob.id, AccessHash: bob.accessHash}, &tg.InputUser{UserID: bob.id}, &tg.InputUserEmpty{},
	}})
	if len(users) != 6 || !users[0].(*tg.User).Self || !users[1].(*tg.User).Self || *users[2].(*tg.User).FirstName != "Telegram" {
		t.Fatalf("got %+v", users)
	}
	if seen := users[3].(*tg.User); seen.Self || seen.Phone != nil || *seen.FirstName != "Bob" {
		t.Errorf("got %+v, want Bob without his number", seen)
	}
	if users[4].(*tg.UserEmpty).ID != bob.id || users[5].(*tg.UserEmpty).ID != 0 {
		t.Errorf("got %+v and %+v, want nobody", users[4], users[5])
	}
	wantRefusal(t, v, &tg.UsersGetFullUser{ID: &tg.InputUser{UserID: bob.id}}, 400, "USER_ID_INVALID")
	if full := get(t, v, &tg.UsersGetFullUser{ID: &tg.InputUser{UserID: 777000}}); full.FullUser.ID != 777000 {
		t.Errorf("got %+v, want Telegram", full)
	}
}
