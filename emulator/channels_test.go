package emulator

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

const bea = "+15550002222" // whose codes are random

// codeCalls are the methods that the stories below call, as they may look.
var codeCalls = []any{
	&tg.AuthRequestFirebaseSMS{PhoneNumber: ann, PhoneCodeHash: "x", SafetyNetToken: new("token")},
	&tg.AuthCheckPaidAuth{PhoneNumber: ann, PhoneCodeHash: "x", FormID: 1},
	&tg.PaymentsCanPurchaseStore{Purpose: forCode}, &tg.PaymentsAssignAppStoreTransaction{Receipt: []byte("x"), Purpose: forCode},
	&tg.PaymentsAssignPlayMarketTransaction{Receipt: &tg.DataJSON{Data: "{}"}, Purpose: forCode},
}

var forCode = &tg.InputStorePaymentAuthCode{PhoneNumber: ann, PhoneCodeHash: "x", Currency: "USD", Amount: 99}

// by names the ways of codes to a number.
func (d *desk) by(phone string, ways ...Channel) {
	d.t.Helper()
	number, _ := parsePhone(phone)
	if err := checkWays(ways); err != nil {
		d.t.Fatal(err)
	}
	if err := d.w.setWays(number, ways); err != nil {
		d.t.Fatal(err)
	}
}

// resend asks for the next code, a minute later.
func (v *visitor) resend(phone, hash string) *tg.AuthSentCode {
	v.t.Helper()
	v.now = v.now.Add(time.Minute)
	return get(v.t, v, &tg.AuthResendCode{PhoneNumber: phone, PhoneCodeHash: hash}).(*tg.AuthSentCode)
}

func TestCodesGoOutInEveryWay(t *testing.T) {
	d := newDesk(t, User{Phone: bea, Channels: []Channel{App, FlashCall, MissedCall, Fragment, Word, Phrase, SMS, Call}})
	v := d.visitor(2)
	sent := askFor(t, v, bea)
	for _, want := range []struct {
		channel Channel
		check   func(code string) any // the type
		written func(code string) string
		next    tg.AnyAuthCodeType
	}{
		{App, func(string) any { return &tg.AuthSentCodeTypeApp{Length: 5} }, nil, &tg.AuthCodeTypeFlashCall{}},
		{FlashCall, func(string) any { return &tg.AuthSentCodeTypeFlashCall{Pattern: "447700900*"} },
			func(c string) string { return "+44 7700 900-" + c[9:] }, &tg.AuthCodeTypeMissedCall{}},
		{MissedCall, func(string) any { return &tg.AuthSentCodeTypeMissedCall{Prefix: "447700900", Length: 5} }, nil, &tg.AuthCodeTypeFragmentSMS{}},
		{Fragment, func(string) any {
			return &tg.AuthSentCodeTypeFragmentSMS{URL: "https://fragment.com/number/15550002222/code", Length: 5}
		}, nil, &tg.AuthCodeTypeSMS{}},
		{Word, func(c string) any { return &tg.AuthSentCodeTypeSMSWord{Beginning: new(c[:1])} },
			func(c string) string { return " " + strings.ToUpper(c) }, &tg.AuthCodeTypeSMS{}},
		{Phrase, func(c string) any {
			return &tg.AuthSentCodeTypeSMSPhrase{Beginning: new(strings.Fields(c)[0])}
		}, func(c string) string { return strings.ReplaceAll(c, " ", "  ") + "\n" }, &tg.AuthCodeTypeSMS{}},
		{SMS, func(string) any { return &tg.AuthSentCodeTypeSMS{Length: 5} }, nil, &tg.AuthCodeTypeCall{}},
		{Call, func(string) any { return &tg.AuthSentCodeTypeCall{Length: 5} }, nil, nil},
	} {
		code := d.newest()
		if code.Channel != want.channel || !reflect.DeepEqual(sent.Type, want.check(code.Code)) {
			t.Errorf("got %+v with %+v, want it by %s", sent.Type, code, want.channel)
		}
		if !reflect.DeepEqual(sent.NextType, want.next) || (sent.Timeout == nil) != (want.next == nil) {
			t.Errorf("%s: got the next type %T in %v, want %T", want.channel, sent.NextType, sent.Timeout, want.next)
		}
		wantRefusal(t, v, typeIn(bea, sent.PhoneCodeHash, "no"), 400, "PHONE_CODE_INVALID")
		if want.written == nil {
			want.written = func(c string) string { return c }
		}
		w := d.visitor(2) // who types in the same code, were he asked
		w.key.requests = []*codeRequest{new(*v.key.requests[0])}
		userOf(t, get(t, w, typeIn(bea, sent.PhoneCodeHash, want.written(code.Code))))
		get(t, w, &tg.AuthLogOut{})
		if sent.NextType == nil {
			wantRefusal(t, v, &tg.AuthResendCode{PhoneNumber: bea, PhoneCodeHash: sent.PhoneCodeHash}, 406, "SEND_CODE_UNAVAILABLE")
			return
		}
		sent = v.resend(bea, sent.PhoneCodeHash)
	}
}

func TestACodeByFirebaseTakesAToken(t *testing.T) {
	d := newDesk(t)
	d.by(bea, Firebase, SMS)
	v := d.visitor(2)
	sent := askFor(t, v, bea)
	kind, ok := sent.Type.(*tg.AuthSentCodeTypeFirebaseSMS)
	if !ok || kind.Length != 5 || len(kind.Nonce) == 0 || len(kind.PlayIntegrityNonce) == 0 || kind.Receipt != nil {
		t.Fatalf("got %+v", sent.Type)
	}
	if n := len(d.w.outbox.sent); n != 0 {
		t.Fatalf("%d codes went out before anything was proven", n)
	}
	request := &tg.AuthRequestFirebaseSMS{PhoneNumber: bea, PhoneCodeHash: sent.PhoneCodeHash, PlayIntegrityToken: new("")}
	wantRefusal(t, v, typeIn(bea, sent.PhoneCodeHash, "00000"), 400, "PHONE_CODE_INVALID")
	for _, token := range []**string{&request.SafetyNetToken, &request.PlayIntegrityToken, &request.IosPushSecret} {
		request.PhoneCodeHash = ask(t, v, bea)
		if *token = nil; get(t, v, request) {
			t.Error("got a code without a token")
		}
		*token = new("a token")
		before := len(d.w.outbox.sent)
		first, again := get(t, v, request), get(t, v, request)
		if !first || !again || len(d.w.outbox.sent) != before+1 || d.newest().Channel != Firebase {
			t.Errorf("got %d codes, want one by Firebase", len(d.w.outbox.sent)-before)
		}
		*token = nil
		get(t, v, typeIn(bea, request.PhoneCodeHash, d.newest().Code))
	}
	wantRefusal(t, v, &tg.AuthRequestFirebaseSMS{PhoneNumber: "x"}, 400, "PHONE_NUMBER_INVALID")

	// Who has no token goes on at once, and so does who says why.
	for _, reason := range []*string{nil, new("NO_PLAY_SERVICES")} {
		hash := ask(t, v, bea)
		again := &tg.AuthResendCode{PhoneNumber: bea, PhoneCodeHash: hash, Reason: reason}
		if request.PhoneCodeHash = hash; reason == nil {
			wantRefusal(t, v, again, 406, "SEND_CODE_UNAVAILABLE")
			get(t, v, request)
		}
		if _, ok := get(t, v, again).(*tg.AuthSentCode).Type.(*tg.AuthSentCodeTypeSMS); !ok {
			t.Error("want a text message")
		}
		request.SafetyNetToken = new("late")
		if get(t, v, request) {
			t.Error("got a code by Firebase after another way was taken")
		}
		request.SafetyNetToken = nil
	}

	// Applications of Apple's are sent a push notification instead.
	apple := codeFor(bea)
	apple.Settings.Token, apple.Settings.AppSandbox = new("apns"), new(false)
	kind = get(t, v, apple).(*tg.AuthSentCode).Type.(*tg.AuthSentCodeTypeFirebaseSMS)
	if kind.Receipt == nil || kind.PushTimeout == nil || kind.Nonce != nil {
		t.Errorf("got %+v, want a receipt", kind)
	}
}

func TestACodeIsSentWhenItIsPaidFor(t *testing.T) {
	for name, pay := range map[string]func(d *desk, v *visitor, p tg.AnyInputStorePaymentPurpose) tg.AnyUpdates{
		"in the App Store": func(d *desk, v *visitor, p tg.AnyInputStorePaymentPurpose) tg.AnyUpdates {
			wantRefusal(t, v, &tg.PaymentsAssignAppStoreTransaction{Purpose: p}, 400, "RECEIPT_EMPTY")
			return get(t, v, &tg.PaymentsAssignAppStoreTransaction{Receipt: []byte("paid"), Purpose: p})
		},
		"in the Play Market": func(d *desk, v *visitor, p tg.AnyInputStorePaymentPurpose) tg.AnyUpdates {
			wantRefusal(t, v, &tg.PaymentsAssignPlayMarketTransaction{Receipt: &tg.DataJSON{}, Purpose: p}, 400, "DATA_JSON_INVALID")
			return get(t, v, &tg.PaymentsAssignPlayMarketTransaction{Receipt: &tg.DataJSON{Data: "{}"}, Purpose: p})
		},
		"by the server": func(d *desk, v *visitor, _ tg.AnyInputStorePaymentPurpose) tg.AnyUpdates {
			if n := d.w.payAll(d.now, v.key, "15550002222"); n != 1 || len(d.w.pushes) != 1 || d.w.pushes[0].key != v.key {
				t.Fatalf("%d paid, %d updates", n, len(d.w.pushes))
			}
			return d.w.pushes[0].update
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.by(bea, Payment, Call)
			v := d.visitor(2)
			bill := get(t, v, codeFor(bea)).(*tg.AuthSentCodePaymentRequired)
			if bill.StoreProduct == "" || bill.Currency != "USD" || bill.Amount == 0 || len(d.w.outbox.sent) != 0 {
				t.Fatalf("got %+v and %d codes, want a bill first", bill, len(d.w.outbox.sent))
			}
			check := &tg.AuthCheckPaidAuth{PhoneNumber: bea, PhoneCodeHash: bill.PhoneCodeHash, FormID: 1}
			if _, unpaid := get(t, v, check).(*tg.AuthSentCodePaymentRequired); !unpaid {
				t.Error("the code was free")
			}
			d.now = d.now.Add(time.Minute)
			wantRefusal(t, v, &tg.AuthResendCode{PhoneNumber: bea, PhoneCodeHash: bill.PhoneCodeHash}, 406, "SEND_CODE_UNAVAILABLE")
			p := &tg.InputStorePaymentAuthCode{PhoneNumber: bea, PhoneCodeHash: bill.PhoneCodeHash}
			if !get(t, v, &tg.PaymentsCanPurchaseStore{Purpose: p}) {
				t.Error("codes are not sold")
			}
			wantRefusal(t, v, &tg.PaymentsCanPurchaseStore{Purpose: &tg.InputStorePaymentPremiumSubscription{}}, 400, "INPUT_PURPOSE_INVALID")
			got := pay(d, v, p).(*tg.UpdateShort).Update.(*tg.UpdateSentPhoneCode).SentCode
			if !reflect.DeepEqual(got, get(t, v, check)) || d.newest().Channel != Call {
				t.Errorf("got %+v and %+v, want to be called", got, d.newest())
			}
			get(t, v, typeIn(bea, bill.PhoneCodeHash, d.newest().Code))
		})
	}
}

func TestThePayerIsToldOnTheWire(t *testing.T) {
	s := running(t, Config{})
	if err := s.SetChannels(bea, Payment, SMS); err != nil {
		t.Fatal(err)
	}
	l := connect(t, s, 1, how{})
	if _, ok := get(t, l, codeFor(bea)).(*tg.AuthSentCodePaymentRequired); !ok {
		t.Fatal("want a bill")
	}
	if n, err := s.Pay(bea); n != 1 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	// Before the login TDLib looks at updateShort alone.
	u := l.update()
	if short, ok := u.(*tg.UpdateShort); !ok {
		t.Errorf("got %T, want updateShort", u)
	} else if _, ok := short.Update.(*tg.UpdateSentPhoneCode); !ok {
		t.Errorf("got %T, want updateSentPhoneCode", short.Update)
	}
	if code, err := s.WaitCode(t.Context(), bea); err != nil || code.Channel != SMS {
		t.Errorf("got %+v, %v", code, err)
	}
	if n, err := s.Pay(bea); n != 0 || err != nil {
		t.Errorf("got %d, %v; want nothing to pay", n, err)
	}
	if _, err := s.Pay("x"); err == nil {
		t.Error("somebody paid for no number")
	}
	if err := s.SetChannels("x", SMS); err == nil || !strings.Contains(err.Error(), "phone: ") {
		t.Errorf("got %v", err)
	}
	if err := s.SetChannels(bea, "pigeon"); err == nil || !strings.Contains(err.Error(), `channels: got "pigeon"`) {
		t.Errorf("got %v", err)
	}
	if err := s.SetChannels(bea); err != nil {
		t.Error(err)
	}
	if sent := askFor(t, l, bea); sent.Type.(*tg.AuthSentCodeTypeSMS) == nil {
		t.Errorf("got %+v, want the usual way", sent)
	}
}

func TestAMistakeInChannelsIsNamed(t *testing.T) {
	for want, ways := range map[string][]Channel{
		`got "pigeon"`:      {"pigeon"},
		"got sms twice":     {SMS, Call, SMS},
		"got 11":            make([]Channel, 11),
		"app behind sms":    {SMS, App},
		"email behind app":  {App, Email},
		"payment behind":    {SMS, Payment},
		"email_setup behin": {Payment, SMS, EmailSetup},
	} {
		err := checkWays(ways)
		if err == nil || !strings.HasPrefix(err.Error(), "channels: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", ways, err, want)
		}
		if _, err := ParseSeed(fmt.Appendf(nil, `{"users":[{"phone":"+15550002222","channels":[%s]}]}`, quoted(ways))); err == nil {
			t.Errorf("%v: a seed may have them", ways)
		}
	}
}

func quoted(ways []Channel) string {
	words := make([]string, len(ways))
	for i, c := range ways {
		words[i] = fmt.Sprintf("%q", string(c))
	}
	return strings.Join(words, ",")
}

// A client cannot skip what it cannot read: it is sent no kind of code that is
// younger than its layer.
// https://core.telegram.org/api/layers
func TestEveryKindOfCodeIsWrittenInEveryLayer(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest+2; layer++ {
		d := newDesk(t, User{Phone: ann, LoginEmail: mailbox})
		view := d.w.views.of(layer)
		for _, phone := range []string{ann, bea} {
			for _, c := range channels {
				d.by(phone, c)
				v := d.visitorOf(2, layer)
				readSentCode(t, view, layer, raw(t, v, bytesOf(codeFor(phone)), ""))
				r := v.key.requests[0]
				if r.channel() != Payment {
					continue
				}
				p := &tg.InputStorePaymentAuthCode{PhoneNumber: phone, PhoneCodeHash: r.hash, Currency: "USD", Amount: 99}
				request, err := view.Append(nil, &tg.PaymentsAssignPlayMarketTransaction{Receipt: &tg.DataJSON{Data: "{}"}, Purpose: p})
				if err != nil {
					t.Errorf("layer %d: %v", layer, err)
					continue
				}
				readBack(t, view, layer, "Updates", raw(t, v, request, ""))
			}
		}
	}
}

// readSentCode reads an auth.SentCode as a layer has it.
func readSentCode(t *testing.T, view *tl.Schema, layer int, b []byte) {
	t.Helper()
	readBack(t, view, layer, "auth.SentCode", b)
	typ, _ := tl.ParseType("auth.SentCode")
	m, _ := view.ReadValue(tl.NewReader(b), typ).(tl.Map)
	for _, field := range []string{"type", "next_type"} {
		inner, ok := m[field].(tl.Map)
		if ok && !layers.Known(layer, inner["_"].(string)) {
			t.Errorf("layer %d: %s did not exist then", layer, inner["_"])
		}
	}
}

func TestAnOldClientIsSentATextMessageForAWord(t *testing.T) {
	for layer, want := range map[int]any{158: "sms", 178: "sms", 179: "word"} {
		d := newDesk(t)
		d.by(bea, Word, SMS)
		v := d.visitorOf(2, layer)
		sent := askFor(t, v, bea)
		got := "word"
		if _, ok := sent.Type.(*tg.AuthSentCodeTypeSMS); ok {
			got = "sms"
		}
		if got != want {
			t.Errorf("layer %d: got a %s, want a %s", layer, got, want)
		}
		if hasNext := sent.NextType != nil; hasNext != (got == "word") {
			t.Errorf("layer %d: a text message behind the text message", layer)
		}
	}
}
