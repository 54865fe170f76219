package emulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// trusting is Passkeys that believe everything but the challenge and the origin:
// what is tested here is what the Server does with its challenges and accounts.
// That WebAuthn is checked is tested in emulator/passkeys.
type trusting struct{}

func (trusting) CreationOptions(challenge []byte, owner PasskeyOwner, has []Passkey) ([]byte, error) {
	return fmt.Appendf(nil, `{"publicKey":{"challenge":%q,"user":%q,"has":%d}}`, b64(challenge), owner.Handle, len(has)), nil
}

func (trusting) RequestOptions(challenge []byte) ([]byte, error) {
	return fmt.Appendf(nil, `{"publicKey":{"challenge":%q}}`, b64(challenge)), nil
}

func (trusting) Register(challenge []byte, _ PasskeyOwner, response []byte) (Passkey, error) {
	id, err := believe(challenge, response)
	return Passkey{ID: id}, err
}

func (trusting) Verify(challenge []byte, _ PasskeyOwner, key Passkey, response []byte) (Passkey, error) {
	_, err := believe(challenge, response)
	return Passkey{ID: key.ID, Record: append(key.Record, '+')}, err
}

func believe(challenge, response []byte) (id string, err error) {
	var r struct {
		RawID    string
		Response struct{ ClientDataJSON []byte }
	}
	var c struct{ Challenge, Origin string }
	text := strings.NewReplacer("-", "+", "_", "/").Replace(string(response))
	_ = json.Unmarshal([]byte(text), &r) // padded below, if at all
	if err := json.Unmarshal(r.Response.ClientDataJSON, &c); err != nil {
		return "", err
	}
	switch {
	case c.Challenge != b64(challenge):
		return "", errors.New("another challenge")
	case c.Origin != "":
		return "", fmt.Errorf("made on %s: %w", c.Origin, ErrPasskeyOrigin)
	}
	return r.RawID, nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// keyDesk is a desk with passkeys.
func keyDesk(t *testing.T, users ...User) *desk {
	d := newDesk(t, users...)
	d.w.passkeys = trusting{}
	return d
}

// data is what a client says about a ceremony: that it answers options, and
// padded so that its base64 needs no padding.
func data(t *testing.T, options *tg.DataJSON, origin string) *tg.DataJSON {
	t.Helper()
	var o struct {
		PublicKey struct{ Challenge string }
	}
	if err := json.Unmarshal([]byte(options.Data), &o); err != nil || o.PublicKey.Challenge == "" {
		t.Fatalf("got the options %s, %v", options.Data, err)
	}
	text := fmt.Sprintf(`{"challenge":%q,"origin":%q}`, o.PublicKey.Challenge, origin)
	return &tg.DataJSON{Data: text + strings.Repeat(" ", (3-len(text)%3)%3)}
}

func registration(id string, client *tg.DataJSON) *tg.AccountRegisterPasskey {
	return &tg.AccountRegisterPasskey{Credential: &tg.InputPasskeyCredentialPublicKey{
		ID: id, RawID: id, Response: &tg.InputPasskeyResponseRegister{ClientData: client},
	}}
}

func passkeyLogin(id, handle string, client *tg.DataJSON) *tg.AuthFinishPasskeyLogin {
	return &tg.AuthFinishPasskeyLogin{Credential: &tg.InputPasskeyCredentialPublicKey{
		ID: id, RawID: id, Response: &tg.InputPasskeyResponseLogin{ClientData: client, UserHandle: handle},
	}}
}

var beginPasskey = &tg.AuthInitPasskeyLogin{APIID: 1, APIHash: "h"}

// registered gives the account of v a passkey.
func registered(t *testing.T, v *visitor, id string) *tg.Passkey {
	t.Helper()
	options := get(t, v, &tg.AccountInitPasskeyRegistration{}).Options
	return get(t, v, registration(id, data(t, options, "")))
}

// handleOf is the user handle in the options of a registration.
func handleOf(t *testing.T, v *visitor) string {
	t.Helper()
	var o struct{ PublicKey struct{ User string } }
	if err := json.Unmarshal([]byte(get(t, v, &tg.AccountInitPasskeyRegistration{}).Options.Data), &o); err != nil {
		t.Fatal(err)
	}
	return o.PublicKey.User
}

func everyOfPasskeys() []any {
	return []any{
		&tg.AccountInitPasskeyRegistration{}, registration("id", &tg.DataJSON{}), &tg.AccountGetPasskeys{},
		&tg.AccountDeletePasskey{ID: "id"}, beginPasskey, passkeyLogin("id", "2:1", &tg.DataJSON{}),
	}
}

func TestPasskeysAreUnknownUnlessConfigured(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	raw(t, v, bytesOf(beginPasskey), "INPUT_METHOD_INVALID")
	wantRefusal(t, v, &tg.AccountGetPasskeys{}, 401, "AUTH_KEY_UNREGISTERED") // as what is unknown
	signedIn(t, v, ann)
	for _, call := range everyOfPasskeys() {
		raw(t, v, bytesOf(call), "INPUT_METHOD_INVALID")
	}
}

func TestAPasskeyIsListedWithItsLastUse(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	if list := get(t, v, &tg.AccountGetPasskeys{}).Passkeys; len(list) != 0 {
		t.Errorf("got %+v before any was registered", list)
	}
	made := registered(t, v, "aaaa")
	if made.ID != "aaaa" || made.Name != "desk" || made.Date != unix(d.now) || made.LastUsageDate != nil {
		t.Errorf("got %+v, want a new one, called as the device", made)
	}
	d.now = d.now.Add(time.Hour)
	other := d.visitor(2)
	userOf(t, get(t, other, passkeyLogin("aaaa", handleOf(t, v), data(t, get(t, other, beginPasskey).Options, ""))))
	list := get(t, other, &tg.AccountGetPasskeys{}).Passkeys
	if len(list) != 1 || list[0].LastUsageDate == nil || *list[0].LastUsageDate != unix(d.now) {
		t.Errorf("got %+v, want its last use now", list)
	}
	if record := d.w.accounts.order[0].passkeys[0].Record; string(record) != "+" {
		t.Errorf("got the record %q, want the one from after its use", record)
	}
	if !get(t, v, &tg.AccountDeletePasskey{ID: "aaaa"}) {
		t.Error("it was not deleted")
	}
	wantRefusal(t, v, &tg.AccountDeletePasskey{ID: "aaaa"}, 400, "PASSKEY_CREDENTIAL_NOT_FOUND")
	stranger := d.visitor(2)
	wantRefusal(t, stranger, passkeyLogin("aaaa", handleOf(t, v), data(t, get(t, stranger, beginPasskey).Options, "")), 400, "PASSKEY_CREDENTIAL_NOT_FOUND")
}

func TestAChallengeIsGoodOnceForItsKeyAndPurpose(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	member, thief := d.visitor(2), d.visitor(2)
	signedIn(t, member, ann)
	registered(t, member, "aaaa")
	handle := handleOf(t, member)

	client := data(t, get(t, thief, beginPasskey).Options, "")
	v := d.visitor(2)
	wantRefusal(t, v, passkeyLogin("aaaa", handle, client), 400, "CREDENTIAL_INVALID") // not v's
	userOf(t, get(t, thief, passkeyLogin("aaaa", handle, client)))                     // which took nothing away
	userOf(t, get(t, thief, passkeyLogin("aaaa", handle, client)))                     // sent again, the answer was lost
	get(t, thief, &tg.AuthLogOut{})
	wantRefusal(t, thief, passkeyLogin("aaaa", handle, client), 400, "CREDENTIAL_INVALID")

	create := data(t, get(t, member, &tg.AccountInitPasskeyRegistration{}).Options, "")
	wantRefusal(t, member, passkeyLogin("aaaa", handle, create), 400, "CREDENTIAL_INVALID")
	get(t, member, registration("bbbb", create))
	wantRefusal(t, member, registration("cccc", create), 400, "CREDENTIAL_INVALID")
	wantRefusal(t, member, registration("cccc", data(t, get(t, member, beginPasskey).Options, "")), 400, "CREDENTIAL_INVALID")

	// A wrong response uses it up, too.
	client = data(t, get(t, v, beginPasskey).Options, "")
	wantRefusal(t, v, passkeyLogin("zzzz", handle, client), 400, "PASSKEY_CREDENTIAL_NOT_FOUND")
	wantRefusal(t, v, passkeyLogin("aaaa", handle, client), 400, "CREDENTIAL_INVALID")
}

func TestAChallengeExpiresByTheAccountClock(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	member, v := d.visitor(2), d.visitor(2)
	signedIn(t, member, ann)
	registered(t, member, "aaaa")
	handle := handleOf(t, member)
	create := data(t, get(t, member, &tg.AccountInitPasskeyRegistration{}).Options, "")
	client := data(t, get(t, v, beginPasskey).Options, "")
	late := data(t, get(t, v, beginPasskey).Options, "")
	d.now = d.now.Add(ceremonyLife - time.Second)
	userOf(t, get(t, v, passkeyLogin("aaaa", handle, client)))
	d.now = d.now.Add(time.Second)
	wantRefusal(t, v, passkeyLogin("aaaa", handle, late), 500, "PASSKEY_AUTH_RESTART")
	wantRefusal(t, member, registration("bbbb", create), 400, "CREDENTIAL_INVALID")
}

func TestAPasskeySignsInAtHome(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	member := d.visitor(2)
	signedIn(t, member, ann)
	registered(t, member, "aaaa")
	handle := handleOf(t, member)
	if want := fmt.Sprintf("2:%d", d.w.accounts.order[0].id); handle != want {
		t.Fatalf("got the handle %s, want %s", handle, want)
	}
	away, home := d.visitor(1), d.visitor(2)
	for _, handle := range []string{"1" + handle[1:], "3" + handle[1:]} { // there is no such account
		client := data(t, get(t, away, beginPasskey).Options, "")
		wantRefusal(t, away, passkeyLogin("aaaa", handle, client), 400, "PASSKEY_CREDENTIAL_NOT_FOUND")
	}

	finish := passkeyLogin("aaaa", handle, data(t, get(t, away, beginPasskey).Options, ""))
	wantRefusal(t, home, finish, 400, "CREDENTIAL_INVALID") // does not say where it began
	finish.FromDCID, finish.FromAuthKeyID = new(int32(1)), new(int64(home.key.id))
	wantRefusal(t, home, finish, 400, "CREDENTIAL_INVALID")
	finish.FromDCID, finish.FromAuthKeyID = new(int32(3)), new(int64(away.key.id))
	wantRefusal(t, home, finish, 400, "CREDENTIAL_INVALID")
	finish.FromDCID = new(int32(1))
	userOf(t, get(t, home, finish))
	wantUnauthorized(t, away)
}

// TDLib does not read the user handle: it is sent home, with from_dc_id and
// from_auth_key_id always set, and the challenge is still good there.
func TestAPasskeyLoginIsSentHome(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	member := d.visitor(2)
	signedIn(t, member, ann)
	registered(t, member, "aaaa")
	away, home := d.visitor(1), d.visitor(2)
	client := data(t, get(t, away, beginPasskey).Options, "")
	finish := passkeyLogin("aaaa", handleOf(t, member), client)
	finish.FromDCID, finish.FromAuthKeyID = new(int32(1)), new(int64(0)) // its key when it began: none yet
	for range 2 {
		wantRefusal(t, away, finish, 303, "USER_MIGRATE_2")
	}
	finish.FromAuthKeyID = new(int64(away.key.id))
	wantRefusal(t, away, finish, 303, "USER_MIGRATE_2")
	userOf(t, get(t, home, finish))

	// A challenge of another key is refused where it is shown.
	foreign := passkeyLogin("aaaa", handleOf(t, member), data(t, get(t, d.visitor(1), beginPasskey).Options, ""))
	wantRefusal(t, away, foreign, 400, "CREDENTIAL_INVALID")
}

// The key that a client names does not count where it is asked at the data centre
// that it began at.
func TestTheKeyCountsOnlyFromAnotherDataCentre(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	member, v, thief := d.visitor(2), d.visitor(2), d.visitor(2)
	signedIn(t, member, ann)
	registered(t, member, "aaaa")
	client := data(t, get(t, v, beginPasskey).Options, "")
	finish := passkeyLogin("aaaa", handleOf(t, member), client)
	finish.FromDCID, finish.FromAuthKeyID = new(int32(2)), new(int64(v.key.id))
	wantRefusal(t, thief, finish, 400, "CREDENTIAL_INVALID")
	finish.FromAuthKeyID = new(int64(0))
	userOf(t, get(t, v, finish))
}

func TestThePasswordComesAfterThePasskey(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	member, v := d.visitor(2), d.visitor(2)
	signedIn(t, member, ann)
	registered(t, member, "aaaa")
	p := *oldPassword
	d.w.accounts.order[0].password = &p
	finish := passkeyLogin("aaaa", handleOf(t, member), data(t, get(t, v, beginPasskey).Options, ""))
	wantRefusal(t, v, finish, 401, "SESSION_PASSWORD_NEEDED")
	wantRefusal(t, v, self, 401, "SESSION_PASSWORD_NEEDED")
	userOf(t, get(t, v, proof(t, get(t, v, getPassw0rd), "correct horse")))
}

func TestPasskeyResponsesAreRefusedWithTelegramsErrors(t *testing.T) {
	d := keyDesk(t, User{Phone: ann}, User{Phone: "+9996620002"})
	member, other := d.visitor(2), d.visitor(2)
	signedIn(t, member, ann)
	signedIn(t, other, "+9996620002")
	registered(t, member, "aaaa")
	handle := handleOf(t, member)
	create := func(v *visitor, origin string) *tg.DataJSON {
		return data(t, get(t, v, &tg.AccountInitPasskeyRegistration{}).Options, origin)
	}
	login := func() *tg.DataJSON { return data(t, get(t, other, beginPasskey).Options, "") }

	wantRefusal(t, member, registration("bbbb", create(member, "https://evil.test")), 400, "PASSKEY_ORIGIN_MISMATCH")
	wantRefusal(t, other, passkeyLogin("aaaa", handle, data(t, get(t, other, beginPasskey).Options, "https://evil.test")), 400, "PASSKEY_ORIGIN_MISMATCH")
	wantRefusal(t, other, registration("aaaa", create(other, "")), 400, "CREDENTIAL_INVALID") // is Ann's
	wantRefusal(t, member, registration("bbbb", &tg.DataJSON{Data: "{"}), 400, "CREDENTIAL_INVALID")
	wantRefusal(t, other, &tg.AuthInitPasskeyLogin{APIHash: "h"}, 400, "API_ID_INVALID")
	for _, handle := range []string{"", "2", "2:", ":1", "2:7", "1:" + handle[2:], handle + "0", "2:2:" + handle[2:]} {
		wantRefusal(t, other, passkeyLogin("aaaa", handle, login()), 400, "PASSKEY_CREDENTIAL_NOT_FOUND")
	}
	// inputPasskeyCredentialFirebasePNV, which layers 227 to 229 had.
	firebase := tl.AppendString(tl.AppendUint32(tl.AppendUint32(tl.AppendUint32(nil, 0x9857ad07), 0), 0x5b1ccb28), "t")
	raw(t, other, firebase, "INPUT_CONSTRUCTOR_INVALID")
	wantRefusal(t, other, &tg.AuthFinishPasskeyLogin{Credential: registration("aaaa", login()).Credential}, 400, "CREDENTIAL_INVALID")
	wantRefusal(t, member, &tg.AccountRegisterPasskey{Credential: passkeyLogin("bbbb", handle, create(member, "")).Credential}, 400, "CREDENTIAL_INVALID")
}

func TestPasskeysAndChallengesDoNotPileUp(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	for i := range maxPasskeys {
		registered(t, v, fmt.Sprint("id", i))
	}
	options := get(t, v, &tg.AccountInitPasskeyRegistration{}).Options
	wantRefusal(t, v, registration("more", data(t, options, "")), 400, "CREDENTIAL_INVALID")
	first := data(t, get(t, v, beginPasskey).Options, "")
	for range 2 * maxCeremonies {
		get(t, v, beginPasskey)
	}
	if n, m := len(d.w.ceremonies.things), len(d.w.ceremonies.order); n != maxCeremonies || m != maxCeremonies {
		t.Errorf("got %d and %d challenges, want %d", n, m, maxCeremonies)
	}
	wantRefusal(t, v, passkeyLogin("id0", handleOf(t, v), first), 400, "CREDENTIAL_INVALID")
}

// Passkeys came with layer 219. A client of an older one has to know the new
// numbers to ask at all, and is answered in them.
func TestPasskeysAreAnsweredInEveryLayer(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest+2; layer++ {
		d := keyDesk(t, User{Phone: ann})
		newest, v := d.visitor(2), d.visitorOf(2, layer)
		signedIn(t, newest, ann)
		v.key.signIn(newest.key.login)
		registered(t, newest, "aaaa")
		for want, call := range map[uint32]any{
			0xe16b5ce1: &tg.AccountInitPasskeyRegistration{},
			0xf8e0aa1c: &tg.AccountGetPasskeys{},
			0xe2037789: beginPasskey,
			0x997275b5: &tg.AccountDeletePasskey{ID: "aaaa"},
		} {
			if got := raw(t, v, bytesOf(call), ""); !bytes.HasPrefix(got, tl.AppendUint32(nil, want)) {
				t.Errorf("layer %d, %T: got %x, want a %x", layer, call, got, want)
			}
		}
	}
}

func TestSpoiltCallsOfPasskeysAreRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, layer := range []int{layers.Oldest, 220, tg.Layer} {
		visitors := company(t, layer)
		visitors[0].w.passkeys = trusting{}
		for range 200 {
			for _, call := range everyOfPasskeys() {
				throw(t, visitors[rng.IntN(len(visitors))], spoil(rng, bytesOf(call)))
			}
		}
	}
}

// A passkey is kept as it came, so what comes may not be of any size.
func TestAPasskeyIsOfAUsualSize(t *testing.T) {
	d := keyDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	big := registration("aaaa", data(t, get(t, v, &tg.AccountInitPasskeyRegistration{}).Options, ""))
	response := big.Credential.Response.(*tg.InputPasskeyResponseRegister)
	response.AttestationData = make([]byte, maxResponse)
	wantRefusal(t, v, big, 400, "CREDENTIAL_INVALID")
	response.AttestationData = make([]byte, maxResponse/2)
	get(t, v, big)
}
