package control

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"

	"github.com/telekey/telekey/emulator"
)

// acceptQR answers POST /v1/qr/accept: a device is let in by another.
func acceptQR(a *api, r *http.Request) (any, error) {
	var given struct {
		Phone string `json:"phone"`
		Token string `json:"token"`
		URL   string `json:"url"`
	}
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	if (given.Token == "") == (given.URL == "") {
		return nil, errors.New("token, url: want one of them")
	}
	return nil, a.emulator.AcceptLogin(given.Phone, cmp.Or(given.Token, given.URL))
}

// botJSON is the JSON of a bot. It includes the token.
type botJSON struct {
	ID       int64  `json:"id"`
	Token    string `json:"token"`
	Name     string `json:"name"`
	Username string `json:"username"`
	DC       int    `json:"dc"`
}

func showBot(b emulator.Bot) botJSON {
	return botJSON{b.ID, string(b.Token), b.Name, b.Username, b.DC}
}

// getBots answers GET /v1/bots: all bots.
func getBots(a *api, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	list := []botJSON{}
	for _, b := range a.emulator.Bots() {
		list = append(list, showBot(b))
	}
	return list, nil
}

// addBot answers POST /v1/bots: a new bot.
func addBot(a *api, r *http.Request) (any, error) {
	var b emulator.Bot
	if err := decode(r, &b); err != nil {
		return nil, err
	}
	b, err := a.emulator.AddBot(b)
	if errors.Is(err, emulator.ErrUserExists) {
		return nil, refuse(http.StatusConflict, "exists", "token: there is an account of that id already")
	}
	if err != nil {
		return nil, err
	}
	return showBot(b), nil
}

// revokeBot answers POST /v1/bots/{id}/revoke: the bot with another token.
func revokeBot(a *api, r *http.Request) (any, error) {
	text := r.PathValue("id")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, refuse(http.StatusNotFound, "not_found", "id: got %q, which is no bot's", text)
	}
	if err := decode(r, &struct{}{}); err != nil {
		return nil, err
	}
	b, err := a.emulator.RevokeBot(id)
	if err != nil {
		return nil, err
	}
	return showBot(b), nil
}

// newWebToken answers POST /v1/webtokens: a token for a web page.
func newWebToken(a *api, r *http.Request) (any, error) {
	var given struct {
		Phone string `json:"phone"`
	}
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	token, err := a.emulator.NewWebToken(given.Phone)
	if err != nil {
		return nil, err
	}
	return map[string]string{"token": string(token)}, nil
}
