package emulator

import (
	"bytes"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// ids are the constructors of "get me" in layers that clients in use speak.
// From the published schemas of those layers.
var ids = []struct {
	layer                                  int
	user, userFull, peerSettings, notifies uint32
}{
	{158, 0x8f97c628, 0x93eadb53, 0xa518110d, 0xa83b0426},
	{190, 0x83314fca, 0x1f58e369, 0xacd66c5e, 0x99622c0c},
	{198, 0x4b46c37e, 0x4d975bbc, 0xacd66c5e, 0x99622c0c},
	{222, 0x31774388, 0xa02bc13e, 0xf47741f7, 0x99622c0c},
	{223, 0x31774388, 0xa02bc13e, 0xf47741f7, 0x99622c0c},
	{224, 0x31774388, 0x06cbe645, 0xf47741f7, 0x99622c0c},
	{227, 0x31774388, 0x06cbe645, 0xf47741f7, 0x99622c0c},
	{228, 0xb1b8cc83, 0x06cbe645, 0xf47741f7, 0x99622c0c},
	{231, 0xb1b8cc83, 0x06cbe645, 0xf47741f7, 0x99622c0c},
	{232, 0xb1b8cc83, 0xb90c2afd, 0xf47741f7, 0x99622c0c},
	{1000000, 0xb1b8cc83, 0xb90c2afd, 0xf47741f7, 0x99622c0c},
	{1, 0x8f97c628, 0x93eadb53, 0xa518110d, 0xa83b0426},
}

// userBytes is Ann as a user of a layer. The fields in use have stood in the
// same place since layer 158; what came later is not set.
func userBytes(id uint32, a *account, statusFlags bool) []byte {
	const flags = 1<<0 | 1<<1 | 1<<2 | 1<<4 | 1<<6 | 1<<10 | 1<<11 | 1<<12
	b := tl.AppendUint32(nil, id)
	b = tl.AppendUint32(b, flags)
	b = tl.AppendUint32(b, 0) // flags2
	b = tl.AppendLong(b, a.id)
	b = tl.AppendLong(b, a.accessHash)
	b = tl.AppendString(b, "Ann")
	b = tl.AppendString(b, "Onym")
	b = tl.AppendString(b, "9996620001")
	if statusFlags { // userStatusRecently, from 172 on
		return tl.AppendUint32(tl.AppendUint32(b, 0x7b197dc8), 0)
	}
	return tl.AppendUint32(b, 0xe26f42f1)
}

func TestMyselfInEveryLayerByteForByte(t *testing.T) {
	for _, l := range ids {
		d := newDesk(t, User{Phone: ann, FirstName: "Ann", LastName: "Onym"})
		v := d.visitorOf(2, l.layer)
		a := d.w.accounts.byPhone["9996620001"]
		me := userBytes(l.user, a, l.layer >= 172)

		hash := ask(t, v, ann)
		got := raw(t, v, bytesOf(typeIn(ann, hash, codeX)), "")
		want := tl.AppendUint32(nil, 0x2ea2c0d4) // auth.authorization
		want = tl.AppendUint32(want, 1<<2)       // future_auth_token
		want = append(tl.AppendBytes(want, a.tokens[0][:]), me...)
		if !bytes.Equal(got, want) {
			t.Errorf("layer %d: auth.authorization:\n got %x\nwant %x", l.layer, got, want)
		}

		want = tl.AppendInt(tl.AppendUint32(nil, tl.VectorID), 1)
		want = append(want, me...)
		if got := raw(t, v, bytesOf(self), ""); !bytes.Equal(got, want) {
			t.Errorf("layer %d: users.getUsers:\n got %x\nwant %x", l.layer, got, want)
		}

		want = tl.AppendUint32(nil, 0x3b6d152e) // users.userFull
		want = tl.AppendUint32(want, l.userFull)
		want = tl.AppendUint32(want, 1<<7) // can_pin_message
		if l.layer >= 176 {
			want = tl.AppendUint32(want, 0) // flags2
		}
		want = tl.AppendLong(want, a.id)
		want = tl.AppendUint32(tl.AppendUint32(want, l.peerSettings), 0)
		want = tl.AppendUint32(tl.AppendUint32(want, l.notifies), 0)
		want = tl.AppendInt(want, 0)                               // common_chats_count
		want = tl.AppendInt(tl.AppendUint32(want, tl.VectorID), 0) // chats
		want = append(tl.AppendInt(tl.AppendUint32(want, tl.VectorID), 1), me...)
		if got := raw(t, v, bytesOf(&tg.UsersGetFullUser{ID: &tg.InputUserSelf{}}), ""); !bytes.Equal(got, want) {
			t.Errorf("layer %d: users.getFullUser:\n got %x\nwant %x", l.layer, got, want)
		}
	}
}

// https://core.telegram.org/api/layers
func TestCallsOfOldAndNewLayersAreReadSideBySide(t *testing.T) {
	oldSignUp := func(hash string) []byte { // auth.signUp of layers up to 172
		b := tl.AppendUint32(nil, 0x80eee427)
		for _, s := range []string{stranger, hash, "New", "Comer"} {
			b = tl.AppendString(b, s)
		}
		return b
	}
	newSignUp := func(hash string) []byte {
		return bytesOf(&tg.AuthSignUp{PhoneNumber: stranger, PhoneCodeHash: hash, FirstName: "New", LastName: "Comer"})
	}
	for _, layer := range []int{158, 172, 173, 228, 232, 234} {
		for name, signUp := range map[string]func(string) []byte{"old": oldSignUp, "new": newSignUp} {
			v := newDesk(t).visitorOf(2, layer)
			hash := ask(t, v, stranger)
			raw(t, v, bytesOf(typeIn(stranger, hash, codeX)), "")
			raw(t, v, signUp(hash), "")
			if v.key.login == nil || v.key.login.account.lastName != "Comer" {
				t.Errorf("layer %d, %s auth.signUp: not signed up", layer, name)
			}
		}
	}
	d := newDesk(t)
	v := d.visitorOf(2, 158)
	resend := tl.AppendUint32(nil, 0x3ef1a9bf) // auth.resendCode of layers up to 180
	resend = tl.AppendString(resend, stranger)
	resend = tl.AppendString(resend, ask(t, v, stranger))
	d.now = d.now.Add(time.Minute)
	raw(t, v, resend, "")
}

// accessCalls are calls that only stories make answered.
var accessCalls = slices.Concat(passwordCalls, codeCalls, emailCalls)

// every sends a call of each method in the table, in a form that is answered.
func every(phone, hash string) []any {
	return []any{
		codeFor(phone),
		&tg.AuthResendCode{PhoneNumber: phone, PhoneCodeHash: hash},
		&tg.AuthReportMissingCode{PhoneNumber: phone, PhoneCodeHash: hash},
		&tg.AuthCancelCode{PhoneNumber: phone, PhoneCodeHash: hash},
		getPassw0rd, &tg.AuthExportAuthorization{DCID: 1}, &tg.AuthDropTempAuthKeys{ExceptAuthKeys: []int64{1}},
		&tg.AuthExportLoginToken{APIID: 1, APIHash: "x"},
		self, &tg.UsersGetFullUser{ID: &tg.InputUserSelf{}}, &tg.UsersGetFullUser{ID: &tg.InputUser{UserID: serviceID}},
		&tg.AccountGetWebAuthorizations{}, &tg.AccountResetWebAuthorizations{}, &tg.AuthResetAuthorizations{},
		&tg.AccountSetAuthorizationTTL{AuthorizationTTLDays: 7}, &tg.AccountGetAccountTTL{}, &tg.AccountSetAccountTTL{TTL: &tg.AccountDaysTTL{Days: 30}},
		&tg.AccountChangeAuthorizationSettings{CallRequestsDisabled: new(true)},
		&tg.AccountGetAuthorizations{}, &tg.AccountUpdateStatus{}, &tg.AccountGetNotifySettings{Peer: &tg.InputNotifyChats{}},
		&tg.UpdatesGetState{}, &tg.UpdatesGetDifference{}, &tg.UpdatesGetDifference{Pts: 1000},
		&tg.MessagesGetDialogs{OffsetPeer: &tg.InputPeerEmpty{}}, &tg.MessagesGetPinnedDialogs{}, &tg.MessagesGetDialogFilters{},
		&tg.MessagesGetPeerDialogs{Peers: []tg.AnyInputDialogPeer{&tg.InputDialogPeer{Peer: &tg.InputPeerUser{UserID: serviceID}}}},
		&tg.MessagesGetHistory{Peer: &tg.InputPeerUser{UserID: serviceID}}, &tg.ContactsGetContacts{},
		&tg.HelpGetConfig{}, &tg.HelpGetNearestDC{}, &tg.HelpGetAppConfig{}, &tg.HelpGetCountriesList{}, &tg.HelpGetCdnConfig{},
		&tg.HelpGetInviteText{}, &tg.HelpGetDeepLinkInfo{}, &tg.HelpSaveAppLog{}, &tg.HelpGetPromoData{},
		&tg.HelpGetTermsOfServiceUpdate{}, &tg.HelpAcceptTermsOfService{ID: &tg.DataJSON{Data: termsID}},
		&tg.LangpackGetLangPack{}, &tg.LangpackGetDifference{}, &tg.LangpackGetStrings{Keys: []string{"k"}},
		&tg.LangpackGetLanguages{}, &tg.LangpackGetLanguage{},
		&tg.AccountInvalidateSignInCodes{Codes: []string{codeX}},
		&tg.AccountSendChangePhoneCode{PhoneNumber: "+9996629999", Settings: &tg.CodeSettings{}},
		&tg.AuthLogOut{},
	}
}

// TestEveryAnswerIsWrittenInEveryLayer makes every call in every layer, in that
// layer's own form, and reads the answers as a client of the layer would.
func TestEveryAnswerIsWrittenInEveryLayer(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest+2; layer++ {
		d := newDesk(t, User{Phone: ann})
		first, v := d.visitorOf(2, layer), d.visitorOf(2, layer)
		signedIn(t, d.visitor(2), ann)
		view := d.w.views.of(layer)
		hash := ask(t, first, ann)
		v.key.requests = first.key.requests
		d.now = d.now.Add(time.Minute) // auth.resendCode comes not before
		v.key.signIn(d.w.accounts.byPhone["9996620001"].logins[0])
		for _, p := range d.w.pushes {
			b, err := d.w.views.write(layer, p.update)
			if err != nil {
				t.Errorf("layer %d: the update: %v", layer, err)
			}
			readBack(t, view, layer, "Updates", b)
		}
		for _, call := range every(ann, hash) {
			request, err := view.Append(nil, call)
			if err != nil {
				t.Errorf("layer %d: %T: %v", layer, call, err)
				continue
			}
			answer := raw(t, v, request, "")
			method := view.DefinitionOf(call)
			readBack(t, view, layer, method.Result.String(), answer)
		}
	}
}

// readBack reads a value of the named type as a layer has it.
func readBack(t *testing.T, view *tl.Schema, layer int, name string, b []byte) {
	t.Helper()
	typ, err := tl.ParseType(name)
	if err != nil {
		t.Fatal(err)
	}
	r := tl.NewReader(b)
	v := view.ReadValue(r, typ)
	if r.Err() != nil || r.Len() > 0 {
		t.Errorf("layer %d: %s: %v, %d bytes left of %x", layer, name, r.Err(), r.Len(), b)
		return
	}
	if m, ok := v.(tl.Map); ok && !layers.Known(layer, m["_"].(string)) {
		t.Errorf("layer %d: %s did not exist then", layer, m["_"])
	}
}

func TestEveryLineOfTheTableIsCalled(t *testing.T) {
	called := map[string]bool{"auth.signIn": true, "auth.signUp": true, "auth.checkPassword": true, "auth.importAuthorization": true, "auth.bindTempAuthKey": true,
		"auth.acceptLoginToken": true, "auth.importLoginToken": true, "auth.importBotAuthorization": true, "auth.importWebTokenAuthorization": true,
		"account.changePhone": true, "account.deleteAccount": true, "account.sendConfirmPhoneCode": true, "account.confirmPhone": true,
		"account.resetAuthorization": true, "account.resetWebAuthorization": true}
	for _, call := range accessCalls {
		called[tg.Schema.DefinitionOf(call).Name] = true
	}
	for _, call := range every("", "") {
		called[tg.Schema.DefinitionOf(call).Name] = true
	}
	called["messages.getStickerSet"] = true // which is refused
	for _, call := range emptyCalls() {
		called[tg.Schema.DefinitionOf(call).Name] = true
	}
	for _, call := range everyOfPasskeys() {
		called[tg.Schema.DefinitionOf(call).Name] = true
	}
	for method := range table {
		if name := tg.Schema.DefinitionOf(reflect.Zero(method).Interface()).Name; !called[name] {
			t.Errorf("%s is in the table and not tried in every layer", name)
		}
	}
}

func TestAClientOfALayerThatIsTooOldIsNamedOnce(t *testing.T) {
	var log strings.Builder
	d := newDesk(t)
	d.w.log = slog.New(slog.NewTextHandler(&log, nil))
	for _, layer := range []int32{layers.Oldest, layers.Newest} {
		raw(t, d.stranger(2), bytesOf(introduction(layer, bytesOf(&tg.HelpGetConfig{}))), "")
	}
	if log.Len() != 0 {
		t.Errorf("got %s, want nothing", &log)
	}
	v := d.stranger(2)
	for i := range int32(2) {
		raw(t, v, bytesOf(introduction(layers.Oldest-1-i, bytesOf(&tg.HelpGetConfig{}))), "")
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "layer=157 oldest=158 newest=232") {
		t.Errorf("got %s, want one warning with the layers", text)
	}
}

// A newer layer may have given what signing in needs another number.
func TestAClientOfALayerToComeIsNamedOnce(t *testing.T) {
	var log strings.Builder
	d := newDesk(t)
	d.w.log = slog.New(slog.NewTextHandler(&log, nil))
	v := d.stranger(2)
	for i := range int32(3) {
		raw(t, v, bytesOf(introduction(layers.Newest+1+i, bytesOf(&tg.HelpGetConfig{}))), "")
		v.key.layer = 0 // as after a binding
	}
	want := fmt.Sprintf("layer=%d oldest=%d newest=%d", layers.Newest+1, layers.Oldest, layers.Newest)
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") || !strings.Contains(text, want) {
		t.Errorf("got %s, want one warning with %s", text, want)
	}
}
