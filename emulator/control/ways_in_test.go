package control

import "testing"

func TestAQRCodeIsAccepted(t *testing.T) {
	d := open(t, Config{})
	token := d.showQR()
	for _, c := range []struct {
		body   string
		status int
		code   string
		why    string
	}{
		{`{"phone":"` + ann + `"}`, 400, "invalid", "want one of them"},
		{`{"phone":"` + ann + `","token":"a","url":"b"}`, 400, "invalid", "want one of them"},
		{`{"phone":"` + ann + `","token":"AAAA"}`, 400, "invalid", "AUTH_TOKEN_INVALID"},
		{`{"phone":"` + ann + `","url":"https://t.me"}`, 400, "invalid", "tg://login"},
		{`{"phone":"+15550001111","token":"` + token + `"}`, 404, "not_found", "no account"},
	} {
		d.refused(d.request("POST", "/v1/qr/accept", c.body), c.status, c.code, c.why)
	}
	d.wants(204, "POST", "/v1/qr/accept", `{"phone":"`+ann+`","token":"`+token+`"}`, nil)
	d.refused(d.request("POST", "/v1/qr/accept", `{"phone":"`+ann+`","token":"`+token+`"}`), 400, "invalid", "AUTH_TOKEN_ALREADY_ACCEPTED")
}

func TestBotsAreMadeAndTheirTokensShown(t *testing.T) {
	d := open(t, Config{})
	var made, renewed botJSON
	d.wants(201, "POST", "/v1/bots", `{"token":"123456:ABC-DEF","name":"Echo"}`, &made)
	if made.ID != 123456 || made.Token != "123456:ABC-DEF" || made.Username == "" {
		t.Errorf("got %+v", made)
	}
	d.refused(d.request("POST", "/v1/bots", `{"token":"123456:ABC"}`), 409, "exists", "that id")
	d.refused(d.request("POST", "/v1/bots", `{"token":"secret"}`), 400, "invalid", "token: got something else")
	d.refused(d.request("POST", "/v1/bots", `{"dc":9}`), 400, "invalid", "dc: got 9")
	d.wants(200, "POST", "/v1/bots/123456/revoke", `{}`, &renewed)
	if renewed.Token == made.Token || renewed.ID != made.ID {
		t.Errorf("got %+v, want another token", renewed)
	}
	d.refused(d.request("POST", "/v1/bots/1/revoke", `{}`), 404, "not_found", "no bot")
	d.refused(d.request("POST", "/v1/bots/x/revoke", `{}`), 404, "not_found", "no bot")
	d.refused(d.request("POST", "/v1/webtokens", `{"phone":"+15550001111"}`), 404, "not_found", "no account")
	d.refused(d.request("POST", "/v1/webtokens", `{"phone":"x"}`), 400, "invalid", "phone")
}
