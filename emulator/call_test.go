package emulator

import (
	"bytes"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// raw sends bytes and wants a refusal; "" is none.
func raw(t *testing.T, v *visitor, request []byte, want string) []byte {
	t.Helper()
	answer, no := v.bring(request)
	if got := ""; no != nil {
		got = no.message
		if got != want || no.code != 400 {
			t.Errorf("%x: got %d %s, want 400 %s", request, no.code, got, want)
		}
	} else if want != "" {
		t.Errorf("%x: got an answer, want %s", request, want)
	}
	return answer
}

// https://core.telegram.org/api/invoking#saving-client-info
func TestAKeyMustBeIntroduced(t *testing.T) {
	d := newDesk(t)
	v := d.stranger(2)
	get(t, v, &tg.HelpGetNearestDC{})
	get(t, v, &tg.HelpGetConfig{})
	wantRefusal(t, v, codeFor(ann), 400, "CONNECTION_NOT_INITED")
	wantRefusal(t, v, self, 400, "CONNECTION_NOT_INITED")
	// The layer alone does not introduce anyone.
	raw(t, v, bytesOf(&tg.InvokeWithLayer{Layer: 158, Query: bytesOf(codeFor(ann))}), "CONNECTION_NOT_INITED")

	raw(t, v, bytesOf(introduction(158, bytesOf(&tg.HelpGetConfig{}))), "")
	if v.key.layer != 158 || v.key.device.model != "test" {
		t.Errorf("got layer %d and device %+v", v.key.layer, v.key.device)
	}
	wantUnauthorized(t, v)
	// From then on the layer alone will do, or nothing.
	raw(t, v, bytesOf(&tg.InvokeWithLayer{Layer: 160, Query: bytesOf(codeFor(ann))}), "")
	raw(t, v, bytesOf(codeFor(ann)), "")
	if v.key.layer != 160 {
		t.Errorf("got layer %d, want the new one", v.key.layer)
	}
}

func TestAnIntroductionMustBeComplete(t *testing.T) {
	v := newDesk(t).stranger(2)
	complete := tg.InitConnection{APIID: 1, DeviceModel: "d", SystemVersion: "s", AppVersion: "a", Query: bytesOf(&tg.HelpGetConfig{})}
	for want, spoil := range map[string]func(*tg.InitConnection){
		"CONNECTION_API_ID_INVALID":     func(q *tg.InitConnection) { q.APIID = 0 },
		"CONNECTION_DEVICE_MODEL_EMPTY": func(q *tg.InitConnection) { q.DeviceModel = "" },
		"CONNECTION_SYSTEM_EMPTY":       func(q *tg.InitConnection) { q.SystemVersion = "" },
		"CONNECTION_APP_VERSION_EMPTY":  func(q *tg.InitConnection) { q.AppVersion = "" },
		"INPUT_METHOD_INVALID":          func(q *tg.InitConnection) { q.Query = []byte{1, 2, 3, 4} },
		"INPUT_FETCH_ERROR":             func(q *tg.InitConnection) { q.Query = nil },
		"":                              func(*tg.InitConnection) {},
	} {
		q := complete
		spoil(&q)
		raw(t, v, bytesOf(&q), want)
	}
	// TDLib sets a bit of flags that no schema has.
	b := bytesOf(&complete)
	b[5] |= 1 << 2
	raw(t, v, b, "")
	raw(t, v, bytesOf(&tg.InvokeWithLayer{Layer: 0, Query: bytesOf(&tg.HelpGetConfig{})}), "INPUT_LAYER_INVALID")
}

func TestWrappersMayStandInAnyOrder(t *testing.T) {
	call := bytesOf(&tg.HelpGetConfig{})
	wrappers := []func(tl.Raw) tl.Raw{
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeAfterMsg{MsgID: 4, Query: q}) },
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeAfterMsgs{MsgIDs: []int64{4, 8}, Query: q}) },
		func(q tl.Raw) tl.Raw { return bytesOf(introduction(200, q)) },
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithoutUpdates{Query: q}) },
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithTakeout{Query: q}) },
		func(q tl.Raw) tl.Raw {
			return bytesOf(&tg.InvokeWithMessagesRange{Range: &tg.MessageRange{}, Query: q})
		},
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithBusinessConnection{Query: q}) },
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithGooglePlayIntegrity{Query: q}) },
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithApnsSecret{Query: q}) },
		func(q tl.Raw) tl.Raw { return bytesOf(&tg.InvokeWithReCaptcha{Query: q}) },
	}
	for turn := range wrappers {
		v := newDesk(t).stranger(2)
		q := tl.Raw(call)
		for i := range wrappers {
			q = wrappers[(turn+i)%len(wrappers)](q)
		}
		raw(t, v, q, "")
		if v.key.layer != 200 || v.key.device == nil || !v.key.quiet[1] {
			t.Errorf("turn %d: got %+v, want everything that the wrappers say", turn, v.key)
		}
	}
	q := tl.Raw(call)
	for range maxWrappers {
		q = bytesOf(&tg.InvokeWithoutUpdates{Query: q})
	}
	raw(t, newDesk(t).stranger(2), q, "INPUT_REQUEST_TOO_LONG")
}

func TestWhatCannotBeReadIsRefusedForWhatItIs(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	good := bytesOf(codeFor(ann))
	settings := bytes.LastIndex(good, []byte{0x78, 0x3d, 0x25, 0xad}) // codeSettings#ad253d78
	if settings < 0 {
		t.Fatal("the call holds no codeSettings")
	}
	other := append(bytes.Clone(good[:settings]), 1, 2, 3, 4, 0, 0, 0, 0)
	for _, c := range []struct {
		request []byte
		want    string
	}{
		{nil, "INPUT_FETCH_ERROR"},
		{[]byte{1, 2}, "INPUT_FETCH_ERROR"},
		{[]byte{0xef, 0xbe, 0xad, 0xde}, "INPUT_METHOD_INVALID"},
		{bytesOf(&tg.InputUserSelf{}), "INPUT_METHOD_INVALID"}, // no method
		{good[:len(good)-4], "INPUT_FETCH_ERROR"},
		{other, "INPUT_CONSTRUCTOR_INVALID"},
		{append(bytes.Clone(good), 0, 0, 0, 0), "INPUT_REQUEST_TOO_LONG"},
		{bytesOf(&tg.MessagesGetAllDrafts{}), "INPUT_METHOD_INVALID"}, // a method, but not here
	} {
		raw(t, v, c.request, c.want)
	}
	// A layer to come may have more fields than are known.
	v.key.layer = layers.Newest + 1
	raw(t, v, append(bytes.Clone(good), 0, 0, 0, 0), "")
}

func TestStrangersAreToldTheyAreStrangers(t *testing.T) {
	v := newDesk(t).visitor(2)
	wantRefusal(t, v, self, 401, "AUTH_KEY_UNREGISTERED")
	wantRefusal(t, v, &tg.UpdatesGetState{}, 401, "AUTH_KEY_UNREGISTERED")
	wantRefusal(t, v, &tg.MessagesGetAllDrafts{}, 401, "AUTH_KEY_UNREGISTERED")
	// Methods for strangers that are not there are not there.
	wantRefusal(t, v, &tg.PaymentsGetPaymentForm{Invoice: &tg.InputInvoiceSlug{Slug: "x"}}, 400, "INPUT_METHOD_INVALID")
	for name := range withoutLogin {
		if d, err := tg.Schema.Lookup(name); err != nil || d == nil || !d.Function {
			t.Errorf("%s is no method", name)
		}
	}
}

func TestATemporaryKeyMustBeBound(t *testing.T) {
	v := newDesk(t).visitor(2)
	v.key.temp, v.wire = true, v.key
	wantRefusal(t, v, codeFor(ann), 401, "AUTH_KEY_PERM_EMPTY")
	wantRefusal(t, v, &tg.AuthLogOut{}, 401, "AUTH_KEY_PERM_EMPTY")
	get(t, v, &tg.HelpGetNearestDC{})
	get(t, v, &tg.HelpGetConfig{})
	wantRefusal(t, v, &tg.AuthBindTempAuthKey{}, 400, "ENCRYPTED_MESSAGE_INVALID")
}

func TestTheConfigurationListsEveryDataCentre(t *testing.T) {
	d := newDesk(t)
	c := get(t, d.visitor(3), &tg.HelpGetConfig{})
	if c.ThisDC != 3 || c.TestMode || len(c.DCOptions) != 6 || c.Expires <= c.Date {
		t.Fatalf("got %+v", c)
	}
	for i, o := range c.DCOptions {
		// Each with and without static: TDLib uses the former for a proxy alone.
		if o.ID != int32(i/2+1) || o.IPAddress != "127.0.0.1" || o.Port != int32(41001+i/2) || o.Static != (i%2 == 1) || o.MediaOnly || o.TCPOOnly || o.IPv6 {
			t.Errorf("got %+v", o)
		}
	}
	if n := get(t, d.visitor(1), &tg.HelpGetNearestDC{}); n.ThisDC != 1 || n.NearestDC != 1 {
		t.Errorf("got %+v, want the one that is asked", n)
	}
	// Listening everywhere, it names the address that the client came in on.
	d.w.centres[0].addr = netip.MustParseAddrPort("[::]:41001")
	v := d.visitor(1)
	v.local = netip.MustParseAddr("::ffff:192.0.2.7")
	if o := get(t, v, &tg.HelpGetConfig{}).DCOptions[0]; o.IPAddress != "192.0.2.7" || o.IPv6 {
		t.Errorf("got %+v, want the client's own way in", o)
	}
	v.local = netip.MustParseAddr("2001:db8::7%eth0")
	if o := get(t, v, &tg.HelpGetConfig{}).DCOptions[0]; o.IPAddress != "2001:db8::7" || !o.IPv6 {
		t.Errorf("got %+v, want the client's own way in", o)
	}
}

func TestSmallQuestionsHaveSmallAnswers(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	config := get(t, v, &tg.HelpGetAppConfig{}).(*tg.HelpAppConfig)
	if _, ok := get(t, v, &tg.HelpGetAppConfig{Hash: config.Hash}).(*tg.HelpAppConfigNotModified); !ok {
		t.Error("the application's configuration is sent again although it is known")
	}
	list := get(t, v, &tg.HelpGetCountriesList{}).(*tg.HelpCountriesList)
	if _, ok := get(t, v, &tg.HelpGetCountriesList{Hash: list.Hash}).(*tg.HelpCountriesListNotModified); !ok {
		t.Error("the countries are sent again although they are known")
	}
	if s := get(t, v, &tg.LangpackGetStrings{Keys: []string{"a", "b"}}); len(s) != 2 {
		t.Errorf("got %v, want an answer for each key", s)
	}
	get(t, v, &tg.HelpGetCdnConfig{})
	get(t, v, &tg.HelpGetPromoData{})
	get(t, v, &tg.HelpGetTermsOfServiceUpdate{})
	get(t, v, &tg.AccountUpdateStatus{Offline: true})
	get(t, v, &tg.AccountGetNotifySettings{Peer: &tg.InputNotifyUsers{}})
	get(t, v, &tg.MessagesGetDialogs{OffsetPeer: &tg.InputPeerEmpty{}})
	get(t, v, &tg.MessagesGetPinnedDialogs{})
	get(t, v, &tg.ContactsGetContacts{})
	get(t, v, &tg.LangpackGetLanguages{})
}

func TestTheLogHoldsCodesAndNoOtherSecret(t *testing.T) {
	var text bytes.Buffer
	d := newDesk(t, User{Phone: ann, Password: "correct horse"})
	d.w.log = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	v := d.visitor(2)
	halfIn(t, v)
	userOf(t, get(t, v, proof(t, get(t, v, getPassw0rd), "correct horse")))
	ticket := get(t, v, &tg.AuthExportAuthorization{DCID: 1})
	raw(t, v, []byte{0xef, 0xbe, 0xad, 0xde}, "INPUT_METHOD_INVALID")

	log := text.String()
	for _, want := range []string{`msg="code sent" phone=+9996620001 code=22222 channel=sms`, "method=auth.sendCode", "unknown #deadbeef", "SESSION_PASSWORD_NEEDED"} {
		if !strings.Contains(log, want) {
			t.Errorf("got no %q in the log", want)
		}
	}
	if strings.Count(log, codeX) != 1 || strings.Contains(log, "correct") || strings.Contains(log, hex.EncodeToString(ticket.Bytes[:8])) {
		t.Errorf("got a secret in the log:\n%s", log)
	}
}

// A name takes four bytes, and whom it names some two hundred.
func TestNotEverybodyIsAskedForAtOnce(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	q := &tg.UsersGetUsers{}
	for range maxUsers {
		q.ID = append(q.ID, &tg.InputUserSelf{})
	}
	if got := get(t, v, q); len(got) != maxUsers {
		t.Errorf("got %d users, want %d", len(got), maxUsers)
	}
	q.ID = append(q.ID, &tg.InputUserSelf{})
	wantRefusal(t, v, q, 400, "INPUT_REQUEST_TOO_LONG")
}

// What is kept of a client's words is shown to other clients, who want UTF-8.
func TestALongWordIsCutBetweenCharacters(t *testing.T) {
	for _, word := range []string{strings.Repeat("é", maxWord), "x" + strings.Repeat("é", maxWord)} {
		if got := cut(word); !utf8.ValidString(got) || len(got) > maxWord || len(got) < maxWord-1 {
			t.Errorf("got %d bytes, %q at the end", len(got), got[len(got)-2:])
		}
	}
}
