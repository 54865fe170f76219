package control

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/tg"
)

// section is the description of a route in docs/control.md.
type section struct {
	name    string // "GET /v1/codes"
	request string // first line, empty line, body
	answer  string // "" for none
}

var (
	heading = regexp.MustCompile(`(?m)^### (.+)$`)
	block   = regexp.MustCompile("(?s)```(http|json)\n(.*?)\n```")
)

func document(t *testing.T) (sections []section) {
	t.Helper()
	text, err := os.ReadFile("../../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := heading.Split(string(text), -1)[1:]
	for i, name := range heading.FindAllStringSubmatch(string(text), -1) {
		s := section{name: name[1]}
		for _, b := range block.FindAllStringSubmatch(parts[i], -1) {
			if b[1] == "http" {
				s.request = b[2]
			} else {
				s.answer = b[2]
			}
		}
		sections = append(sections, s)
	}
	return sections
}

func TestTheDocumentDescribesEveryRoute(t *testing.T) {
	var want, got []string
	for _, r := range routes {
		want = append(want, r.method+" "+r.path)
	}
	for _, s := range document(t) {
		got = append(got, s.name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("docs/control.md describes\n%s\nand the routes are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The examples are a story from beginning to end, and each is answered as the
// document says.
func TestTheExamplesOfTheDocumentAreTrue(t *testing.T) {
	d := open(t, Config{})
	d.ask(ann)
	for _, s := range document(t) {
		line, body, _ := strings.Cut(s.request, "\n\n")
		method, path, _ := strings.Cut(line, " ")
		status := 0
		for _, r := range routes {
			if r.method+" "+r.path == s.name {
				status = r.status
			}
		}
		if strings.Contains(body, "tg://login") {
			body = loginToken.ReplaceAllString(body, "${1}"+d.showQR())
		}
		answer := d.wants(status, method, path, body, nil)
		if got, want := shape(t, answer), shape(t, s.answer); got != want {
			t.Errorf("%s: got %s of the form %s, the document says %s", line, answer, got, want)
		}
		if s.name == "POST /v1/rules" {
			if err := d.tryAsk(ann); !errors.Is(err, tg.ErrFloodWait) {
				t.Errorf("got %v, want what the rule says", err)
			}
			d.ask(ann)
		}
	}
}

// loginToken is a QR code in the document, which no client has exported.
var loginToken = regexp.MustCompile(`(tg://login\?token=)[\w-]+`)

// showQR shows a QR code, as a client of the emulator, and returns its token.
func (d *desk) showQR() string {
	d.t.Helper()
	c, err := telekey.Dial(d.t.Context(), telekey.Config{Network: d.srv.Network()})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { c.Close() })
	answer, err := tg.Call(d.t.Context(), c, &tg.AuthExportLoginToken{APIID: 1, APIHash: "x"})
	token, ok := answer.(*tg.AuthLoginToken)
	if !ok {
		d.t.Fatalf("got %T, %v", answer, err)
	}
	return base64.RawURLEncoding.EncodeToString(token.Token)
}

// shape returns the names of the fields of JSON without their values.
func shape(t *testing.T, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return shapeOf(v)
}

func shapeOf(v any) string {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shapeOf(v[0]) + "]"
	case map[string]any:
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fields = append(fields, name+":"+shapeOf(v[name]))
		}
		return "{" + strings.Join(fields, ",") + "}"
	case string:
		return "text"
	case float64:
		return "number"
	}
	return "other"
}

// The document names every field of requests and responses.
func TestTheDocumentNamesEveryField(t *testing.T) {
	text, err := os.ReadFile("../../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"users", "bots", "web_logins", "rules", "sign_up", "min_age", "password"}
	now := time.Now()
	for _, v := range []any{
		emulator.User{
			ID: 1, Password: "x", Hint: "x", DC: 2, RecoveryEmail: "x", LoginEmail: "x", Premium: true, Banned: true,
			Channels: []emulator.Channel{"x"}, Frozen: &emulator.Frozen{},
		},
		emulator.Frozen{Since: now}, emulator.Bot{ID: 1}, botJSON{}, emulator.WebLogin{}, emulator.Code{Email: "x"},
		emulator.Rule{
			Method: "x", Step: "x", Frame: 1, Phone: "x", DC: 1, Nth: 1, From: 1, Times: 1, Probability: 1, Seed: 1,
			Do: "x", When: "x", Code: 1, Message: "x", Token: "x", Delay: 1, ID: 1, Matched: 1, Fired: 1,
		},
	} {
		b, err := json.Marshal(v)
		var fields map[string]any
		if err == nil {
			err = json.Unmarshal(b, &fields)
		}
		if err != nil {
			t.Fatal(err)
		}
		names = slices.AppendSeq(names, maps.Keys(fields))
	}
	for _, c := range []emulator.Channel{
		emulator.App, emulator.SMS, emulator.Call, emulator.FlashCall, emulator.MissedCall, emulator.Fragment, emulator.Firebase,
		emulator.Word, emulator.Phrase, emulator.Email, emulator.Payment, emulator.EmailSetup,
	} {
		names = append(names, string(c))
	}
	for _, s := range []emulator.SignUp{emulator.SignUpAllowed, emulator.SignUpForbidden, emulator.SignUpUpdateApp, emulator.SignUpUnoccupied} {
		names = append(names, string(s))
	}
	for _, name := range names {
		if !strings.Contains(string(text), "`"+name+"`") && !strings.Contains(string(text), `"`+name+`":`) {
			t.Errorf("docs/control.md does not name %s", name)
		}
	}
}

func TestTheSeedOfTheDocumentIsGood(t *testing.T) {
	text, err := os.ReadFile("../../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "## Seed files")
	example := block.FindStringSubmatch(after)
	if example == nil {
		t.Fatal("docs/control.md has no example of a seed file")
	}
	seed, err := emulator.ParseSeed([]byte(example[2]))
	if err != nil {
		t.Fatal(err)
	}
	srv, err := emulator.Start(emulator.Config{
		Users: seed.Users, Bots: seed.Bots, WebLogins: seed.WebLogins, Rules: seed.Rules, SignUp: seed.SignUp, MinAge: seed.MinAge,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	if u, _ := srv.User(ann); u.LoginEmail == "" || u.Frozen == nil || len(srv.Bots()) != 1 || len(srv.Rules()) != 1 {
		t.Errorf("got %v, want what the example says", u)
	}
}
