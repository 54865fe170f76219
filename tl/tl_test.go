package tl_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

func TestStringsArePaddedToFourBytes(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 252, 253, 254, 255, 256, 65536} {
		text := strings.Repeat("x", n)
		b := tl.AppendString(nil, text)
		if len(b)%4 != 0 {
			t.Errorf("a string of %d bytes takes %d, want a multiple of four", n, len(b))
		}
		r := tl.NewReader(b)
		if got := r.String(); got != text || r.Err() != nil || r.Len() != 0 {
			t.Errorf("a string of %d bytes came back with %d, %d bytes left, error %v", n, len(got), r.Len(), r.Err())
		}
	}
}

func TestReaderKeepsItsFirstError(t *testing.T) {
	r := tl.NewReader([]byte{1, 2, 3})
	r.Long()
	first := r.Err()
	if !errors.Is(first, tl.ErrShort) {
		t.Fatalf("got %v, want ErrShort", first)
	}
	r.Fail(errors.New("another"))
	if r.Int() != 0 || r.String() != "" || r.Bytes() != nil || r.Len() != 0 || r.Err() != first {
		t.Errorf("after an error the reader went on, or its error became %v", r.Err())
	}
}

// message is a value with most kinds of field in it.
func message() *tg.User {
	return &tg.User{
		ID: 1, Self: true, Restricted: true, AccessHash: new(int64(math.MinInt64)), FirstName: new("Ann"), Phone: new(""),
		Status:            &tg.UserStatusOnline{Expires: 7},
		Usernames:         []*tg.Username{{Username: "ann", Active: true}},
		RestrictionReason: []*tg.RestrictionReason{},
	}
}

func TestStructsAndMapsAreTheSameBytes(t *testing.T) {
	b, err := tg.Schema.Append(nil, message())
	if err != nil {
		t.Fatal(err)
	}
	user, _ := tl.ParseType("User")
	r := tl.NewReader(b)
	m := tg.Schema.ReadValue(r, user)
	if r.Err() != nil || r.Len() != 0 {
		t.Fatal(r.Err(), r.Len())
	}
	want := tl.Map{"_": "user", "id": int64(1), "self": true, "restricted": true, "access_hash": int64(math.MinInt64), "first_name": "Ann", "phone": "",
		"status":    tl.Map{"_": "userStatusOnline", "expires": int32(7)},
		"usernames": []any{tl.Map{"_": "username", "username": "ann", "active": true}}, "restriction_reason": []any{}}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %v\nwant %v", m, want)
	}
	again, err := tg.Schema.AppendMap(nil, m.(tl.Map))
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("the map wrote %x, %v\nthe struct wrote %x", again, err, b)
	}
	var u tg.AnyUser
	if err := tg.Schema.Decode(b, &u); err != nil || !reflect.DeepEqual(u, tg.AnyUser(message())) {
		t.Errorf("got %+v, %v", u, err)
	}
}

func TestJSONKeepsEveryLong(t *testing.T) {
	b, err := tl.AppendJSON(nil, tl.Map{"_": "x", "small": int64(1 << 53), "big": int64(1<<53 + 1), "b": []byte("hi"), "t": "<&>"})
	want := `{"_":"x","b":"aGk=","big":"9007199254740993","small":9007199254740992,"t":"<&>"}`
	if err != nil || string(b) != want {
		t.Errorf("got  %s, %v\nwant %s", b, err, want)
	}
}

func TestJSONIsReadByTheSchema(t *testing.T) {
	m, err := tg.Schema.ParseJSON("users.getFullUser", []byte(`{"id":{"_":"inputUser","user_id":"9007199254740993","access_hash":5}}`))
	want := tl.Map{"_": "users.getFullUser", "id": tl.Map{"_": "inputUser", "user_id": int64(9007199254740993), "access_hash": int64(5)}}
	if err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("got %v, %v", m, err)
	}
}

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	type call struct{ method, params, want string }
	for _, c := range []call{
		{"auth.sendCod", `{}`, `"auth.sendCod"`},
		{"users.getFullUser", `{"id":{"_":"inputUser","user_id":"x","access_hash":5}}`, "users.getFullUser.id.inputUser.user_id: got the number x"},
		{"users.getFullUser", `{"id":{"_":"user"}}`, "users.getFullUser.id: got user, want a InputUser"},
		{"users.getFullUser", `{"id":{"_":"inputUserSelf"},"extra":1}`, `has no field "extra", it has: id`},
		{"users.getFullUser", `{"id":{}}`, `without "_"`},
		{"users.getFullUser", `[]`, "no JSON object"},
		{"users.getFullUser", `{} {}`, "go on after"},
		{"users.getFullUser", `{"_":"users.getUsers"}`, `"_" says users.getUsers`},
		{"users.getUsers", `{"id":[{"_":"inputUserSelf"},7]}`, "users.getUsers.id.[1]: got a JSON number"},
		{"auth.importAuthorization", `{"id":1,"bytes":"%"}`, "auth.importAuthorization.bytes: got a string that is no base64"},
	} {
		_, err := tg.Schema.ParseJSON(c.method, []byte(c.params))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want %q in it", c.method, c.params, err, c.want)
		}
	}
	for v, want := range map[any]string{
		&tg.AuthSendCode{}: "auth.sendCode.settings: got nothing, want a value",
		&tg.Message{PeerID: &tg.PeerUser{}, Views: new(int32(1))}: "message.forwards: got nothing, want a value: a field that goes with it is set",
		&tg.UsersGetUsers{ID: []tg.AnyInputUser{nil}}:             "users.getUsers.id.[0]: got nothing",
		(*tg.User)(nil): "got a nil *tg.User",
		&struct{}{}:     "want a pointer to a struct of the schema",
		nil:             "got a <nil>, want a pointer",
	} {
		if _, err := tg.Schema.Append(nil, v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: got %v, want %q in it", v, err, want)
		}
	}
}

func TestUnknownConstructorIsToldWithItsPlace(t *testing.T) {
	b, _ := tg.Schema.Append(nil, &tg.AuthSentCode{Type: &tg.AuthSentCodeTypeApp{Length: 5}, PhoneCodeHash: "h"})
	b[8] ^= 0xff // the constructor of the type
	var sent tg.AnyAuthSentCode
	err := tg.Schema.Decode(b, &sent)
	var unknown *tl.UnknownConstructorError
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "auth.sentCode.type") {
		t.Errorf("got %v, want an UnknownConstructorError at auth.sentCode.type", err)
	}
	b, _ = tg.Schema.Append(nil, &tg.NearestDC{})
	if err := tg.Schema.Decode(b, &sent); !errors.As(err, &unknown) || unknown.Name != "nearestDc" {
		t.Errorf("got %v, want nearestDc named as the wrong constructor", err)
	}
}

func TestALyingVectorAllocatesNothing(t *testing.T) {
	b := tl.AppendInt(tl.AppendUint32(nil, tl.VectorID), math.MaxInt32)
	var users []tg.AnyUser
	if err := tg.Schema.Decode(b, &users); err == nil || users != nil {
		t.Errorf("got %v, %v, want an error about the items", users, err)
	}
}

func TestNestingIsBounded(t *testing.T) {
	var v tg.AnyRichText = &tg.TextPlain{Text: "deep"}
	for range tl.MaxDepth + 1 {
		v = &tg.TextBold{Text: v}
	}
	if _, err := tg.Schema.Append(nil, v); !errors.Is(err, tl.ErrNested) {
		t.Errorf("writing: got %v, want ErrNested", err)
	}
	b := bytes.Repeat(tl.AppendUint32(nil, 0x6724abc4), 1000) // textBold
	var out tg.AnyRichText
	if err := tg.Schema.Decode(b, &out); !errors.Is(err, tl.ErrNested) {
		t.Errorf("reading structs: got %v, want ErrNested", err)
	}
	r := tl.NewReader(b)
	rich, _ := tl.ParseType("RichText")
	if tg.Schema.ReadValue(r, rich); !errors.Is(r.Err(), tl.ErrNested) {
		t.Errorf("reading maps: got %v, want ErrNested", r.Err())
	}
}

func TestAnOlderLayerSeesOnlyWhatItKnows(t *testing.T) {
	old := tg.Schema.With(`
userStatusRecently#e26f42f1 = UserStatus;
user#8f97c628 flags:# self:flags.10?true flags2:# id:long first_name:flags.1?string status:flags.6?UserStatus stories_max_id:flags2.5?int = User;
---functions---
auth.signUp#80eee427 phone_number:string phone_code_hash:string first_name:string last_name:string = auth.Authorization;
`)
	u := message()
	u.Restricted, u.RestrictionReason = false, nil
	u.Status, u.CloseFriend, u.StoriesMaxID = &tg.UserStatusRecently{ByMe: true}, true, &tg.RecentStory{}
	b, err := old.Append(nil, &tg.AuthAuthorization{User: u})
	if err != nil {
		t.Fatal(err)
	}
	want := tl.AppendUint32(nil, 0x2ea2c0d4)
	want = tl.AppendUint32(tl.AppendUint32(want, 0), 0x8f97c628)
	want = tl.AppendUint32(tl.AppendUint32(want, 1<<10|1<<1|1<<6), 0)
	want = tl.AppendUint32(tl.AppendString(tl.AppendLong(want, 1), "Ann"), 0xe26f42f1)
	if !bytes.Equal(b, want) {
		t.Errorf("got  %x\nwant %x", b, want)
	}
	call := tl.AppendUint32(nil, 0x80eee427)
	for _, field := range []string{"1", "2", "3", "4"} {
		call = tl.AppendString(call, field)
	}
	got, ok := old.Read(tl.NewReader(call)).(*tg.AuthSignUp)
	if !ok || *got != (tg.AuthSignUp{PhoneNumber: "1", PhoneCodeHash: "2", FirstName: "3", LastName: "4"}) {
		t.Errorf("got %+v", got)
	}
}

func FuzzStructViewAndMapViewAgree(f *testing.F) {
	for _, v := range []any{message(), &tg.AuthSendCode{Settings: &tg.CodeSettings{}}, &tg.Config{}, &tg.InvokeWithLayer{Layer: 1}, page()} {
		if b, err := tg.Schema.Append(nil, v); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		own := bytes.Clone(b)
		rs, rm := tl.NewReader(own), tl.NewReader(b)
		v := tg.Schema.Read(rs)
		clear(own) // the decoded value must not share it
		kind := tl.Type{Kind: tl.KindAny}
		if d := tg.Schema.DefinitionOf(v); d != nil && d.Function {
			t.Skip("calls inside calls are raw in one view and maps in the other")
		}
		m := tg.Schema.ReadValue(rm, kind)
		if _, isMap := m.(tl.Map); !isMap && m != nil {
			t.Skip("Bool and Vector have no struct")
		}
		if (rs.Err() == nil) != (rm.Err() == nil) {
			t.Fatalf("structs: %v\nmaps:    %v", rs.Err(), rm.Err())
		}
		if rs.Err() != nil {
			return
		}
		bs, err := tg.Schema.Append(nil, v)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		bm, err := tg.Schema.AppendMap(nil, m.(tl.Map))
		if err != nil || !bytes.Equal(bs, bm) {
			t.Fatalf("structs wrote %x\nmaps wrote    %x, %v", bs, bm, err)
		}
	})
}

// A value is decoded from JSON, encoded to TL, decoded, and encoded as JSON again:
// both texts must encode to the same bytes.
func FuzzJSONOfCalls(f *testing.F) {
	f.Add("users.getFullUser", `{"id":{"_":"inputUser","user_id":"9007199254740993","access_hash":5}}`)
	f.Add("auth.sendCode", `{"phone_number":"1","api_id":1,"api_hash":"x","settings":{"_":"codeSettings","token":"t","app_sandbox":true,"logout_tokens":["aGk="]}}`)
	f.Add("invokeWithLayer", `{"layer":1,"query":{"_":"help.getConfig"}}`)
	f.Add("messages.sendMedia", `{"media":{"_":"inputMediaGeoLive","geo_point":{"_":"inputGeoPoint","lat":1.5,"long":"NaN"}}}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		m, err := tg.Schema.ParseJSON(name, []byte(text))
		if err != nil {
			return
		}
		wire, err := tg.Schema.AppendMap(nil, m)
		if err != nil {
			return // what JSON can say and the type cannot, such as a missing field
		}
		d, err := tg.Schema.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		kind := d.Result
		if d.Function {
			kind = tl.Type{Kind: tl.KindQuery}
		}
		r := tl.NewReader(wire)
		back := tg.Schema.ReadValue(r, kind)
		if r.Err() != nil || r.Len() > 0 {
			t.Fatalf("%x: %v, %d bytes left", wire, r.Err(), r.Len())
		}
		again, err := tl.AppendJSON(nil, back)
		if err != nil {
			t.Fatal(err)
		}
		m, err = tg.Schema.ParseJSON(name, again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if second, err := tg.Schema.AppendMap(nil, m); err != nil || !bytes.Equal(wire, second) {
			t.Fatalf("%s\nwrote %x\nand   %x, %v", again, wire, second, err)
		}
	})
}
