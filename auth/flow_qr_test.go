package auth_test

import (
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

// The link is tg://login?token= and the token in base64url: "one" is b25l.
const linkIsShown = nobody + `
		> auth.exportLoginToken api_id=0 except_ids=[42]
		< link one
		? qr tg://login?token=b25l until=30s
	`

// https://core.telegram.org/api/qr-login
func TestLinkThatIsAcceptedSignsIn(t *testing.T) {
	play(t, auth.QR(42), linkIsShown+`
		update updateLoginToken
		> auth.exportLoginToken
		< link-in Ann
		done Ann
	`)
}

func TestLinkIsReplacedBeforeItIsTooOld(t *testing.T) {
	tell(t, auth.QR(42), linkIsShown+`
		later 29s
		? qr tg://login?token=b25l until=1s
		update updateConfig
		? qr tg://login?token=b25l until=1s
	`)
	play(t, auth.QR(42), linkIsShown+`
		later 30s
		> auth.exportLoginToken except_ids=[42]
		< link two
		? qr tg://login?token=dHdv until=30s
		update updateLoginToken
		> auth.exportLoginToken
		< link-in Ann
		done Ann
	`)
}

func TestLinkOfAnotherDataCentreMovesHomeThere(t *testing.T) {
	play(t, auth.QR(42), linkIsShown+`
		update updateLoginToken
		> auth.exportLoginToken
		< link-at 3 two
		> auth.importLoginToken dc=3 token=two
		< link-in Ann
		move 3
		done Ann
	`)
}

func TestPasswordIsAskedForAfterALink(t *testing.T) {
	play(t, auth.QR(42), linkIsShown+`
		update updateLoginToken
		> auth.exportLoginToken
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword dc=0
		< password hint=horse
		? password hint=horse
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestPasswordIsAskedForWhereTheAccountLives(t *testing.T) {
	play(t, auth.QR(42), linkIsShown+`
		update updateLoginToken
		> auth.exportLoginToken
		< link-at 3 two
		> auth.importLoginToken dc=3
		< 401 SESSION_PASSWORD_NEEDED
		move 3
		> account.getPassword dc=0
		< password
		? password
		! password correct
		> auth.checkPassword proof=correct dc=0
		< in Ann
		done Ann
	`)
}

func TestLinkThatDiesOnItsWayIsReplacedOnce(t *testing.T) {
	play(t, auth.QR(42), linkIsShown+`
		update updateLoginToken
		> auth.exportLoginToken
		< link-at 3 two
		> auth.importLoginToken
		< 400 AUTH_TOKEN_EXPIRED
		> auth.exportLoginToken dc=0
		< link three
		? qr tg://login?token=dGhyZWU until=30s
		update updateLoginToken
		> auth.exportLoginToken
		< link-at 3 four
		> auth.importLoginToken
		< 400 AUTH_TOKEN_EXPIRED
		fails AUTH_TOKEN_EXPIRED: the link is too old: show a new one
	`)
}

func TestNobodyIsSentRoundTheDataCentresForEver(t *testing.T) {
	tell(t, auth.QR(42), linkIsShown+`
		update updateLoginToken
		> auth.exportLoginToken
		< link-at 3 two
		> auth.importLoginToken dc=3
		< link-at 1 two
		> auth.importLoginToken dc=1
		< link-at 3 two
		> auth.importLoginToken dc=3
		< link-at 1 two
		> auth.importLoginToken dc=1
		< link-at 3 two
		fails this is move 5, want an end after 4
	`)
	play(t, auth.QR(42), nobody+`
		> auth.exportLoginToken
		< link-at 0 two
		fails got data centre 0, want 1 to 9999
	`)
}

func TestWhoDoesNotWantToScanGivesUp(t *testing.T) {
	play(t, auth.QR(42), linkIsShown+`
		! cancel
		fails cancelled
	`)
}

func TestLinkIsShownForASensibleTimeWhateverTheClocks(t *testing.T) {
	for expires, shown := range map[int32]string{-1000: "5s", 29: "29s", 1 << 20: "1m0s"} {
		f := auth.NewFlow(auth.QR())
		flowAt(t, f, nobody)
		f.Returned(start, &tg.AuthLoginToken{Token: []byte("x"), Expires: int32(start.Unix()) + expires}, nil)
		if got := f.Next().(auth.Show).Until.Sub(start).String(); got != shown {
			t.Errorf("got a link shown for %s, want %s, when it has %d s left", got, shown, expires)
		}
	}
}
