package emulator

import (
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

func TestALoginIsCarriedToAnotherDataCentre(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	home, abroad := d.visitor(2), d.visitor(3)
	wantRefusal(t, home, &tg.AuthExportAuthorization{DCID: 3}, 401, "AUTH_KEY_UNREGISTERED")
	u := signedIn(t, home, ann)

	ticket := get(t, home, &tg.AuthExportAuthorization{DCID: 3})
	in := &tg.AuthImportAuthorization{ID: ticket.ID, Bytes: ticket.Bytes}
	if got := userOf(t, get(t, abroad, in)); got.ID != u.ID {
		t.Errorf("got the user %d, want %d", got.ID, u.ID)
	}
	userOf(t, get(t, abroad, in)) // sent again by a client that lost the answer
	wantRefusal(t, d.visitor(3), in, 400, "AUTH_BYTES_INVALID")
	get(t, abroad, self)

	// It is one device, and it logs out as one.
	if list := get(t, abroad, &tg.AccountGetAuthorizations{}).Authorizations; len(list) != 1 || !list[0].Current || list[0].Hash != 0 {
		t.Errorf("got the devices %+v, want one", list)
	}
	get(t, home, &tg.AuthLogOut{})
	wantUnauthorized(t, home)
	wantUnauthorized(t, abroad)
}

func TestATicketIsGoodAMinuteAndInOnePlace(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	home := d.visitor(2)
	signedIn(t, home, ann)
	for _, dc := range []int32{0, 2, 4, -1} {
		wantRefusal(t, home, &tg.AuthExportAuthorization{DCID: dc}, 400, "DC_ID_INVALID")
	}
	ticket := get(t, home, &tg.AuthExportAuthorization{DCID: 3})
	in := &tg.AuthImportAuthorization{ID: ticket.ID, Bytes: ticket.Bytes}
	wantRefusal(t, d.visitor(1), in, 400, "AUTH_BYTES_INVALID")
	wantRefusal(t, d.visitor(3), &tg.AuthImportAuthorization{ID: 1, Bytes: ticket.Bytes}, 400, "USER_ID_INVALID")
	wantRefusal(t, d.visitor(3), &tg.AuthImportAuthorization{ID: ticket.ID}, 400, "AUTH_BYTES_INVALID")
	d.now = d.now.Add(time.Minute)
	wantRefusal(t, d.visitor(3), in, 400, "AUTH_BYTES_INVALID")

	ticket = get(t, home, &tg.AuthExportAuthorization{DCID: 3})
	get(t, home, &tg.AuthLogOut{})
	wantRefusal(t, d.visitor(3), &tg.AuthImportAuthorization{ID: ticket.ID, Bytes: ticket.Bytes}, 400, "AUTH_BYTES_INVALID")
}

func TestTicketsDoNotPileUp(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	home := d.visitor(2)
	signedIn(t, home, ann)
	for range 2 * maxTransfers {
		get(t, home, &tg.AuthExportAuthorization{DCID: 1})
	}
	if n, m := len(d.w.tickets.things), len(d.w.tickets.order); n > maxTransfers || m > maxTransfers {
		t.Errorf("got %d and %d tickets, want at most %d", n, m, maxTransfers)
	}
}

func TestLoggingOutTwiceIsNoMistake(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	get(t, v, &tg.AuthLogOut{})
	signedIn(t, v, ann)
	get(t, v, &tg.AuthLogOut{})
	get(t, v, &tg.AuthLogOut{})
	wantUnauthorized(t, v)
	signedIn(t, v, ann)
}

func TestDevicesAreListed(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	first, second := d.visitor(2), d.visitor(2)
	first.key.device.model = "first"
	signedIn(t, first, ann)
	hash := ask(t, second, ann)
	userOf(t, get(t, second, typeIn(ann, hash, codeX)))
	list := get(t, second, &tg.AccountGetAuthorizations{}).Authorizations
	if len(list) != 2 || !list[0].Current || list[1].Current || list[1].DeviceModel != "first" || list[1].Hash == 0 {
		t.Errorf("got %+v, want the caller's own and the first one", list)
	}
	// A key that signs in to another account leaves this one.
	d.w.addAccount("9996620002", "Bob", "", 2)
	signedIn(t, second, "9996620002")
	if list := get(t, first, &tg.AccountGetAuthorizations{}).Authorizations; len(list) != 1 {
		t.Errorf("got %d devices, want one", len(list))
	}
}
