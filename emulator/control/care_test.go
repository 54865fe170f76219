package control

import "testing"

func TestAnAccountIsFrozenAndThawed(t *testing.T) {
	d := open(t, Config{})
	var u struct {
		Frozen *struct {
			Since     string `json:"since"`
			AppealURL string `json:"appeal_url"`
		}
	}
	d.wants(200, "PATCH", "/v1/users/9996620001", `{"frozen":{"until":"2037-01-01T00:00:00Z","appeal_url":"https://t.me/SpamBot"}}`, &u)
	if u.Frozen == nil || u.Frozen.AppealURL != "https://t.me/SpamBot" || u.Frozen.Since == "" {
		t.Errorf("got %+v", u.Frozen)
	}
	u.Frozen = nil
	d.wants(200, "PATCH", "/v1/users/9996620001", `{"frozen":null}`, &u)
	if u.Frozen != nil {
		t.Errorf("got %+v, want it thawed", u.Frozen)
	}
	for body, why := range map[string]string{
		`{}`:                   "got neither",
		`{"frost":1}`:          `no field "frost"`,
		`{"frozen":1}`:         "JSON number",
		`{"frozen":{"til":1}}`: `no field "til"`,
		`{"frozen":{"until":"1970-01-01T00:00:00Z"}}`: "until",
	} {
		d.refused(d.request("PATCH", "/v1/users/9996620001", body), 400, "invalid", why)
	}
	// A request with one invalid field changes nothing.
	for _, body := range []string{`{"frozen":{},"channels":["pigeon"]}`, `{"frozen":{"appeal_url":"x"},"channels":["call"]}`} {
		d.refused(d.request("PATCH", "/v1/users/9996620001", body), 400, "invalid", "")
	}
	if u, _ := d.srv.User(ann); u.Frozen != nil || u.Channels != nil {
		t.Errorf("got %+v and %v, want neither", u.Frozen, u.Channels)
	}
	d.refused(d.request("PATCH", "/v1/users/15550001111", `{"frozen":null}`), 404, "not_found", "no account")
	r := d.request("PATCH", "/v1/users/9996620001", `{"frozen":null}`)
	r.Header.Del("Content-Type")
	d.refused(r, 415, "json_wanted", "application/json")
}

func TestSessionsAreEnded(t *testing.T) {
	d := open(t, Config{})
	var answer struct{ Ended *int }
	d.wants(200, "POST", "/v1/sessions/end", `{"phone":"`+ann+`","reason":"revoked"}`, &answer)
	if answer.Ended == nil || *answer.Ended != 0 {
		t.Errorf("got %v, want none", answer.Ended)
	}
	d.refused(d.request("POST", "/v1/sessions/end", `{"phone":"`+ann+`","reason":"bored"}`), 400, "invalid", "reason")
	d.refused(d.request("POST", "/v1/sessions/end", `{"phone":"15550001111","reason":"revoked"}`), 404, "not_found", "no account")
	d.wants(200, "POST", "/v1/sessions/end", `{"phone":"`+ann+`","reason":"deleted"}`, nil)
	d.wants(404, "GET", "/v1/users/9996620001", "", nil)
}

func TestWebsitesAreAdded(t *testing.T) {
	d := open(t, Config{})
	d.wants(204, "POST", "/v1/weblogins", `{"phone":"`+ann+`","domain":"example.org"}`, nil)
	d.refused(d.request("POST", "/v1/weblogins", `{"phone":"`+ann+`"}`), 400, "invalid", "domain")
	d.refused(d.request("POST", "/v1/weblogins", `{"phone":"`+ann+`","site":"x"}`), 400, "invalid", `no field "site"`)
	d.refused(d.request("POST", "/v1/weblogins", `{"phone":"15550001111","domain":"example.org"}`), 404, "not_found", "no account")
}
