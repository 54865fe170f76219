package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
)

const echo = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"

// byToken signs a bot in.
func byToken(token AccessToken) *tg.AuthImportBotAuthorization {
	return &tg.AuthImportBotAuthorization{Flags: 1, APIID: 1, APIHash: "x", BotAuthToken: string(token)}
}

func addBot(t testing.TB, d *desk, b Bot) Bot {
	t.Helper()
	s := &Server{&hiddenServer{&serverState{cfg: Config{DCs: []int{1, 2, 3}}, world: d.w}}}
	b, err := s.addBot(b)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// https://core.telegram.org/api/bots
func TestABotSignsInWithItsToken(t *testing.T) {
	d := newDesk(t)
	b := addBot(t, d, Bot{Token: echo, Name: "Echo", Username: "echo_bot"})
	v := d.visitor(2)
	u := userOf(t, get(t, v, byToken(echo)))
	if u.ID != 123456 || u.ID != b.ID || !u.Bot || u.BotInfoVersion == nil || *u.Username != "echo_bot" || *u.FirstName != "Echo" || u.Phone != nil {
		t.Errorf("got %+v, want the bot", u)
	}
	userOf(t, get(t, v, byToken(echo))) // sent again by a client that lost the answer
	get(t, v, self)
	get(t, v, &tg.UpdatesGetState{})
	for _, m := range []tg.AnyInputUser{&tg.InputUserSelf{}} {
		get(t, v, &tg.UsersGetFullUser{ID: m})
	}
	wantRefusal(t, v, &tg.AccountGetAuthorizations{}, 400, "BOT_METHOD_INVALID")
	wantRefusal(t, v, getPassw0rd, 400, "BOT_METHOD_INVALID")
	wantRefusal(t, v, &tg.MessagesGetAllDrafts{}, 400, "INPUT_METHOD_INVALID")
	// It has settled where it first signed in.
	wantRefusal(t, d.visitor(3), byToken(echo), 303, "USER_MIGRATE_2")
	get(t, v, &tg.AuthLogOut{})
	wantUnauthorized(t, v)
}

func TestABotIsSignedInInEveryLayer(t *testing.T) {
	for layer := layers.Oldest; layer <= layers.Newest; layer++ {
		d := newDesk(t, User{Phone: ann})
		addBot(t, d, Bot{Token: echo})
		v := d.visitorOf(2, layer)
		readBack(t, d.w.views.of(layer), layer, "auth.Authorization", raw(t, v, bytesOf(byToken(echo)), ""))
		web := d.w.newWebToken(d.now, d.w.accounts.byPhone["9996620001"])
		q := &tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: string(web)}
		readBack(t, d.w.views.of(layer), layer, "auth.Authorization", raw(t, d.visitorOf(2, layer), bytesOf(q), ""))
	}
}

func TestARevokedTokenHasExpired(t *testing.T) {
	s := running(t, Config{Bots: []Bot{{Token: echo, DC: 2}, {}}})
	list := s.Bots()
	if len(list) != 2 || list[0].Token != echo || list[1].Token == "" || list[1].Username == "" || list[1].ID <= 1<<32 {
		t.Fatalf("got %+v, want both, the second with a token of its own", list)
	}
	if users := s.Users(); len(users) != 0 {
		t.Errorf("got %v, want no people", users)
	}
	l := connect(t, s, 2, plain)
	userOf(t, get(t, l, byToken(echo)))
	renewed, err := s.RevokeBot(123456)
	if err != nil || renewed.Token == echo || !strings.HasPrefix(string(renewed.Token), "123456:") {
		t.Fatalf("got %v, %v", renewed, err)
	}
	if _, err := tg.Call(t.Context(), l, self); tg.AsError(err) == nil || tg.AsError(err).Code != 401 {
		t.Errorf("got %v, want to be signed out", err)
	}
	wantRefusal(t, l, byToken(echo), 400, "ACCESS_TOKEN_EXPIRED")
	userOf(t, get(t, l, byToken(renewed.Token)))
	if _, err := s.RevokeBot(1); err == nil {
		t.Error("nobody's token was revoked")
	}
}

func TestAMistakeInABotIsNamed(t *testing.T) {
	s := running(t, Config{Bots: []Bot{{Token: echo}}})
	for _, c := range []struct {
		bot  Bot
		want string
	}{
		{Bot{Token: echo}, "token: the account 123456: there is"},
		{Bot{Token: "777000:secret"}, "token: the account 777000"},
		{Bot{Token: "secret"}, "token: got something else"},
		{Bot{Token: "1:"}, "token: got something else"},
		{Bot{Token: "-1:secret"}, "token: got something else"},
		{Bot{Token: "1:sec ret"}, "token: got something else"},
		{Bot{DC: 9}, "dc: got 9"},
		{Bot{ID: 9}, "id: got one"},
		{Bot{Name: strings.Repeat("n", 65)}, "name: got more"},
		{Bot{Name: "\u202e"}, "name: got only characters that do not show"},
		{Bot{Username: "@echo"}, "username: got something else"},
	} {
		if _, err := s.AddBot(c.bot); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: got %v, want %s", c.bot, err, c.want)
		}
	}
	if _, err := ParseSeed([]byte(`{"bots":[{"token":"secret"}]}`)); err == nil || !strings.Contains(err.Error(), "bots[0]: token") {
		t.Errorf("got %v", err)
	}
	if _, err := ParseSeed([]byte(`{"bots":[{"key":"secret"}]}`)); err == nil || !strings.Contains(err.Error(), `no field "key"`) {
		t.Errorf("got %v", err)
	}
	seed, err := ParseSeed([]byte(`{"bots":[{"token":"` + echo + `","name":"Echo","dc":2},{}]}`))
	if err != nil || len(seed.Bots) != 2 || seed.Bots[0].Token != echo {
		t.Errorf("got %v, %v", seed, err)
	}
}

func TestBotTokensAreNotPrinted(t *testing.T) {
	b := Bot{Token: echo, Name: "Echo"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("bots", "one", b, "token", b.Token, "all", []Bot{b})
	slog.New(slog.NewTextHandler(&log, nil)).Info("bots", "one", b, "token", b.Token, "all", []Bot{b})
	j, err := json.Marshal(Config{Bots: []Bot{b}}.Bots)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), string(j)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, v := range []any{b, &b, []Bot{b}, b.Token, Config{Bots: []Bot{b}}, Seed{Bots: []Bot{b}}} {
			texts = append(texts, fmt.Sprintf(verb, v))
		}
	}
	for _, text := range texts {
		if strings.Contains(text, "zyx57W2") || strings.Contains(text, fmt.Sprintf("%x", "zyx57W2")) {
			t.Errorf("got %s", text)
		}
	}
}

func TestAWebPageSignsInWithItsToken(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	token, err := s.NewWebToken(ann)
	if err != nil {
		t.Fatal(err)
	}
	q := &tg.AuthImportWebTokenAuthorization{APIID: 1, APIHash: "x", WebAuthToken: string(token)}
	l := connect(t, s, 2, plain)
	if u := userOf(t, get(t, l, q)); *u.Phone != "9996620001" {
		t.Errorf("got %+v, want oneself", u)
	}
	wantRefusal(t, connect(t, s, 2, plain), q, 400, "AUTH_TOKEN_INVALID") // it was good once
	if _, err := s.NewWebToken("+15550001111"); err == nil {
		t.Error("got a token for nobody")
	}
}

func TestWebTokensDoNotPileUp(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	for range 2 * maxWebTokens {
		d.w.newWebToken(d.now, d.w.accounts.byPhone["9996620001"])
	}
	if n, m := len(d.w.webTokens.things), len(d.w.webTokens.order); n > maxWebTokens || m > maxWebTokens {
		t.Errorf("got %d and %d tokens, want at most %d", n, m, maxWebTokens)
	}
}
