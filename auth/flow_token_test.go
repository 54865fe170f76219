package auth_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/tg"
)

var (
	bot = auth.Bot(auth.Secret("7:bot"))
	web = auth.WebToken(auth.Secret("web"))

	botToken = map[reflect.Type]auth.Answer{reflect.TypeFor[auth.TokenQuestion](): auth.Secret("7:bot")}
	webToken = map[reflect.Type]auth.Answer{reflect.TypeFor[auth.TokenQuestion](): auth.Secret("web")}
)

// https://core.telegram.org/method/auth.importBotAuthorization
func TestBotIsFollowedHome(t *testing.T) {
	playKnowing(t, bot, botToken, nobody+`
		> auth.importBotAuthorization api_id=0 flags=0 bot_auth_token=7:bot
		< 303 USER_MIGRATE_4
		move 4
		> auth.importBotAuthorization bot_auth_token=7:bot
		< 500 AUTH_RESTART
		> auth.importBotAuthorization bot_auth_token=7:bot
		< 420 FLOOD_WAIT_5
		wait 5s
		> auth.importBotAuthorization bot_auth_token=7:bot
		< in Robby
		done Robby
	`)
}

// https://core.telegram.org/method/auth.importWebTokenAuthorization
func TestWebTokenSignsIn(t *testing.T) {
	playKnowing(t, web, webToken, nobody+`
		> auth.importWebTokenAuthorization api_id=0 web_auth_token=web
		< 303 USER_MIGRATE_1
		move 1
		> auth.importWebTokenAuthorization web_auth_token=web
		< 401 SESSION_PASSWORD_NEEDED
		> account.getPassword
		< password
		? password
		! password correct
		> auth.checkPassword proof=correct
		< in Ann
		done Ann
	`)
}

func TestTokenThatWasTypedMayBeMistyped(t *testing.T) {
	play(t, auth.Bot(auth.SecretAnswer{}), nobody+`
		? token
		! token 7:bto
		> auth.importBotAuthorization bot_auth_token=7:bto
		< 400 ACCESS_TOKEN_INVALID
		? token ACCESS_TOKEN_INVALID
		! token 7:bot
		> auth.importBotAuthorization bot_auth_token=7:bot
		< in Robby
		done Robby
	`)
	play(t, auth.WebToken(auth.SecretAnswer{}), nobody+`
		? token web=true
		! cancel
		fails cancelled
	`)
}

func TestTokenThatIsRefusedIsAnErrorWithAdvice(t *testing.T) {
	playKnowing(t, bot, botToken, nobody+`
		> auth.importBotAuthorization
		< 400 API_ID_PUBLISHED_FLOOD
		fails get your own at https://my.telegram.org
	`)
	for refusal, advice := range map[string]string{
		"ACCESS_TOKEN_INVALID": "copy it from BotFather", "ACCESS_TOKEN_EXPIRED": "had another token made", "WEBAUTH_TOKEN_EXPIRED": "open the page once more",
	} {
		tell(t, bot, nobody+`
			> auth.importBotAuthorization
			< 400 `+refusal+`
			fails `+advice+`
		`)
	}
}

func TestTokenIsWipedAndTheCallersIsNot(t *testing.T) {
	mine, typed := auth.Secret("7:bot"), auth.Secret("7:typed")
	f := auth.NewFlow(auth.Bot(mine))
	flowAt(t, f, nobody)
	if err := f.Returned(start, nil, tg.NewError(400, "ACCESS_TOKEN_INVALID")); !errors.Is(err, tg.ErrAccessTokenInvalid) || mine.Reveal() != "7:bot" {
		t.Errorf("got %v, and %q of the token", err, mine.Bytes())
	}
	f = auth.NewFlow(auth.Bot(auth.SecretAnswer{}))
	flowAt(t, f, nobody)
	if err := f.Answered(start, typed, nil); err != nil {
		t.Fatal(err)
	}
	data, err := f.Marshal(binding)
	if err != nil || strings.Contains(string(data), "7:typed") {
		t.Errorf("got %s, %v, want a flow without the token", data, err)
	}
	if err := f.Returned(start, &tg.AuthAuthorization{User: user("Robby")}, nil); err != nil || strings.Contains(typed.Reveal(), "typed") {
		t.Errorf("got %v, and %q of the token that was typed, want it wiped", err, typed.Bytes())
	}
}
