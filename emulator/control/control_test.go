package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/tg"
)

const ann = "+9996620001" // at home in data centre 2

// desk is an emulator and its API, on real ports of the loopback.
type desk struct {
	t   *testing.T
	srv *emulator.Server
	api *Server
}

func open(t *testing.T, cfg Config) *desk {
	t.Helper()
	srv, err := emulator.Start(emulator.Config{Users: []emulator.User{{Phone: ann, FirstName: "Ann", Password: "correct horse", Hint: "of courage"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	api, err := Start(srv, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := api.Close(); err != nil {
			t.Error(err)
		}
	})
	return &desk{t, srv, api}
}

// request makes a request as a well-behaved program does.
func (d *desk) request(method, path, body string) *http.Request {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.api.URL()+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if method == "POST" || method == "PATCH" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// do sends a request and returns its answer.
func (d *desk) do(r *http.Request) (*http.Response, string) {
	d.t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(r) // does not follow redirects
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer, string(b)
}

// wants sends a request and compares status and, if into is given, reads the
// answer.
func (d *desk) wants(status int, method, path, body string, into any) string {
	d.t.Helper()
	answer, text := d.do(d.request(method, path, body))
	if answer.StatusCode != status {
		d.t.Errorf("%s %s %s: got %s %s, want %d", method, path, body, answer.Status, text, status)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			d.t.Errorf("%s %s: got %s: %v", method, path, text, err)
		}
	}
	return text
}

// refused sends a request and wants an error of that status and code, which
// says why.
func (d *desk) refused(r *http.Request, status int, code, why string) {
	d.t.Helper()
	answer, text := d.do(r)
	var e struct {
		Error struct{ Code, Message string }
	}
	err := json.Unmarshal([]byte(text), &e)
	switch {
	case r.Method == "HEAD":
	case err != nil, e.Error.Code != code, !strings.Contains(e.Error.Message, why):
		d.t.Errorf("%s %s: got %s, want %s because of %q", r.Method, r.URL, text, code, why)
	}
	if answer.StatusCode != status || answer.Header.Get("Cache-Control") != "no-store" {
		d.t.Errorf("%s %s: got %s %v, want %d", r.Method, r.URL, answer.Status, answer.Header, status)
	}
	for name := range answer.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			d.t.Errorf("%s %s: got the header %s", r.Method, r.URL, name)
		}
	}
}

// ask asks for a code, as a client of the emulator.
func (d *desk) ask(phone string) {
	d.t.Helper()
	if err := d.tryAsk(phone); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) tryAsk(phone string) error {
	c, err := telekey.Dial(d.t.Context(), telekey.Config{Network: d.srv.Network(), MaxFlood: -1})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = tg.Call(d.t.Context(), c, &tg.AuthSendCode{PhoneNumber: phone, APIID: 1, APIHash: "x", Settings: &tg.CodeSettings{}})
	return err
}

// code is a code as the API shows it.
type code struct {
	ID        int       `json:"id"`
	Phone     string    `json:"phone"`
	Code      string    `json:"code"`
	Channel   string    `json:"channel"`
	SentAt    time.Time `json:"sent_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

func TestTheCodesThatWereSent(t *testing.T) {
	d := open(t, Config{})
	if text := d.wants(200, "GET", "/v1/codes", "", nil); text != "[]\n" {
		t.Errorf("got %q before any code, want []", text)
	}
	d.ask(ann)
	d.ask("+49 151 12345678")
	var all, one []code
	d.wants(200, "GET", "/v1/codes", "", &all)
	if len(all) != 2 || all[0].ID != 1 || all[0].Phone != ann || all[0].Code != "22222" || all[0].Channel != "sms" ||
		all[0].ExpiresAt.Sub(all[0].SentAt) != 5*time.Minute || all[0].SentAt.Location() != time.UTC || all[1].Phone != "+4915112345678" {
		t.Fatalf("got %+v", all)
	}
	// However the number is written, the digits count; and a plus in a query is a
	// space.
	for _, phone := range []string{"4915112345678", "+4915112345678", "%2B49-151-12345678", "49%20(151)%2012345678"} {
		d.wants(200, "GET", "/v1/codes?wait=0s&phone="+phone, "", &one)
		if len(one) != 1 || one[0] != all[1] {
			t.Errorf("%s: got %+v, want %+v", phone, one, all[1])
		}
	}
	d.wants(200, "GET", "/v1/codes?after=1", "", &one)
	if len(one) != 1 || one[0].ID != 2 {
		t.Errorf("got %+v, want what came after the first", one)
	}
	if text := d.wants(200, "GET", "/v1/codes?after=2&wait=20ms", "", nil); text != "[]\n" {
		t.Errorf("got %q, want to have waited in vain", text)
	}
}

func TestCodesAreListedByChannel(t *testing.T) {
	d := open(t, Config{})
	d.wants(201, "POST", "/v1/users", `{"phone":"+15550003333","channels":["missed_call","sms"],"login_email":"a@example.com"}`, nil)
	var u struct{ Channels []string }
	d.wants(200, "GET", "/v1/users/15550003333", "", &u)
	if len(u.Channels) != 2 || u.Channels[0] != "missed_call" {
		t.Errorf("got %+v", u)
	}
	d.ask("+15550003333")
	u.Channels = nil
	d.wants(200, "PATCH", "/v1/users/15550003333", `{"channels":["email"]}`, &u)
	if len(u.Channels) != 1 || u.Channels[0] != "email" {
		t.Errorf("got %+v", u)
	}
	d.ask("+15550003333")
	d.ask(ann)
	var codes []emulator.Code
	for channel, id := range map[string]int{"missed_call": 1, "email": 2, "sms": 3} {
		d.wants(200, "GET", "/v1/codes?wait=1s&channel="+channel, "", &codes)
		if len(codes) != 1 || codes[0].ID != id || string(codes[0].Channel) != channel {
			t.Errorf("%s: got %+v", channel, codes)
		}
	}
	d.wants(200, "GET", "/v1/codes?channel=email", "", &codes)
	if codes[0].Email != "a@example.com" {
		t.Errorf("got %+v, want the address", codes)
	}
	if text := d.wants(200, "GET", "/v1/codes?channel=call&wait=20ms", "", nil); text != "[]\n" {
		t.Errorf("got %s", text)
	}
	d.refused(d.request("GET", "/v1/codes?channel=pigeon", ""), 400, "invalid", `channel: got "pigeon"`)
	d.refused(d.request("GET", "/v1/codes?channel=", ""), 400, "invalid", `channel: got ""`)
	d.refused(d.request("PATCH", "/v1/users/15550003333", `{"channels":["pigeon"]}`), 400, "invalid", `channels: got "pigeon"`)
	d.refused(d.request("PATCH", "/v1/users/15550003333", `{}`), 400, "invalid", "got neither")
	d.refused(d.request("PATCH", "/v1/users/15550009999", `{"channels":[]}`), 404, "not_found", "no account")
	d.refused(d.request("POST", "/v1/users/x/pay", `{}`), 400, "invalid", "phone: ")
	var paid struct{ Paid int }
	d.wants(200, "POST", "/v1/users/15550003333/pay", `{}`, &paid)
	if paid.Paid != 0 {
		t.Errorf("%d codes were paid for that were free", paid.Paid)
	}
}

func TestANumberThatIsNoneIsNamedAsInEveryAnswer(t *testing.T) {
	d := open(t, Config{})
	for _, path := range []string{"/v1/codes?phone=x", "/v1/users/x/pay"} {
		method, body := "GET", ""
		if strings.HasSuffix(path, "pay") {
			method, body = "POST", "{}"
		}
		if got := d.wants(400, method, path, body, nil); !strings.Contains(got, `"message":"phone: got \"x\": the character`) {
			t.Errorf("%s: got %s", path, got)
		}
	}
}

func TestALongPollWakesOnACode(t *testing.T) {
	d := open(t, Config{})
	sent := make(chan struct{})
	r := d.request("GET", "/v1/codes?phone=9996620001&wait=60s", "")
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
	}))
	got := make(chan string)
	go func() {
		_, text := d.do(r)
		got <- text
	}()
	<-sent
	d.ask("+9996620002") // of another account
	d.ask(ann)
	var codes []code
	if err := json.Unmarshal([]byte(<-got), &codes); err != nil || len(codes) != 1 || codes[0].Phone != ann {
		t.Errorf("got %+v, %v; want the one code", codes, err)
	}
}

// waiting begins a long poll and returns its answer when it has come.
func (d *desk) waiting() (status chan int) {
	status = make(chan int, 1)
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.api.URL(), "http://"))
	if err != nil {
		d.t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /v1/codes?wait=60s HTTP/1.1\r\nHost: localhost\r\n\r\n")
	go func() {
		defer conn.Close()
		if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			status <- answer.StatusCode
		}
		close(status)
	}()
	return status
}

func TestALongPollEndsWithTheServers(t *testing.T) {
	d := open(t, Config{})
	poll := d.waiting()
	d.srv.Close()
	if got := <-poll; got != 503 {
		t.Errorf("got %d when the emulator closed, want 503", got)
	}
	d.refused(d.request("GET", "/v1/health", ""), 503, "closed", "the emulator is closed")
	d.refused(d.request("POST", "/v1/users", `{"phone":"+15550001111"}`), 503, "closed", "")
	d.refused(d.request("POST", "/v1/rules", `{"method":"*","do":"drop"}`), 503, "closed", "")
	d.refused(d.request("POST", "/v1/clock/advance", `{"by":"1h"}`), 503, "closed", "")

	d = open(t, Config{})
	poll = d.waiting()
	time.Sleep(10 * time.Millisecond) // either way it must end: waiting, or not yet begun
	if err := d.api.Close(); err != nil {
		t.Error(err)
	}
	if got := <-poll; got != 503 && got != 0 {
		t.Errorf("got %d when the API closed, want 503", got)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(d.api.URL(), "http://")); err == nil {
		t.Error("the port is still open")
	}
}

func TestUsersAreListedAndMade(t *testing.T) {
	d := open(t, Config{})
	text := d.wants(201, "POST", "/v1/users", `{"phone":"+49 151 12345678","first_name":"Bea","password":"correct horse","dc":3}`, nil)
	want := `{"id":5000000002,"phone":"+4915112345678","first_name":"Bea","last_name":"","has_password":true,"hint":"","dc":3}` + "\n"
	if text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	if one := d.wants(200, "GET", "/v1/users/4915112345678", "", nil); one != want {
		t.Errorf("got %s, want %s", one, want)
	}
	var all []map[string]any
	list := d.wants(200, "GET", "/v1/users", "", &all)
	if len(all) != 2 || all[0]["phone"] != ann || all[0]["hint"] != "of courage" || strings.Contains(list, "correct") {
		t.Errorf("got %s", list)
	}
	d.ask("+4915112345678")

	for body, why := range map[string]string{
		`{"phone":"x"}`:                              `phone: got "x"`,
		`{"phone":"+15550001111","dc":9}`:            "dc: got 9",
		`{"phone":15550001111}`:                      "phone: got a JSON number",
		`{"phone":"+15550001111","passwort":"hush"}`: `there is no field "passwort"`,
		`{"phone":"+15550001111","id":7}`:            `there is no field "id"`,
		`{"phone":"+15550001111"`:                    "ends too early",
		`{"phone":"+15550001111"} {}`:                "behind the end",
		`{"phone":+15550001111}`:                     "not JSON",
		`[]`:                                         "got a JSON array, want an object",
		``:                                           "ends too early",
		`null`:                                       "phone: got",
	} {
		d.refused(d.request("POST", "/v1/users", body), 400, "invalid", why)
	}
	d.refused(d.request("POST", "/v1/users", `{"phone":"999 662 0001"}`), 409, "exists", "already")
	d.refused(d.request("GET", "/v1/users/15550001111", ""), 404, "not_found", "no account")
	d.refused(d.request("GET", "/v1/users/nobody", ""), 404, "not_found", "no account")
	if n := len(d.srv.Users()); n != 2 {
		t.Errorf("got %d users, want two", n)
	}
}

func TestRulesComeAndGo(t *testing.T) {
	d := open(t, Config{})
	if text := d.wants(200, "GET", "/v1/rules", "", nil); text != "[]\n" {
		t.Errorf("got %q, want []", text)
	}
	text := d.wants(201, "POST", "/v1/rules", `{"method":"auth.sendCode","phone":"9996620001","nth":1,"do":"delay","delay":"5ms"}`, nil)
	want := `{"method":"auth.sendCode","phone":"9996620001","nth":1,"do":"delay","id":1,"delay":"5ms"}` + "\n"
	if text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	d.wants(201, "POST", "/v1/rules", `{"step":"req_pq","nth":9,"do":"cut"}`, nil)
	d.ask(ann)
	var rules []emulator.Rule
	d.wants(200, "GET", "/v1/rules", "", &rules)
	if len(rules) != 2 || rules[0].Fired != 1 || rules[1].When != "before" {
		t.Errorf("got %+v", rules)
	}
	d.wants(204, "DELETE", "/v1/rules/1", "", nil)
	d.refused(d.request("DELETE", "/v1/rules/1", ""), 404, "not_found", `id: got "1"`)
	d.refused(d.request("DELETE", "/v1/rules/all", ""), 404, "not_found", `id: got "all"`)
	d.wants(204, "DELETE", "/v1/rules", "", nil)
	if text := d.wants(200, "GET", "/v1/rules", "", nil); text != "[]\n" {
		t.Errorf("got %q, want []", text)
	}
	for body, why := range map[string]string{
		`{"method":"auth.sendCod","do":"cut"}`:       `method: there is no "auth.sendCod"`,
		`{"method":"*","do":"cut","dc":9}`:           "dc: got 9",
		`{"method":"*","do":"cut","whence":"after"}`: `there is no field "whence"`,
		`{"method":"*","do":"delay","delay":"soon"}`: `delay: got "soon"`,
		`{"id":1,"method":"*","do":"cut"}`:           "id, matched, fired: got one",
	} {
		d.refused(d.request("POST", "/v1/rules", body), 400, "invalid", why)
	}
}

// A filter that the server ignored would have too large an effect: it would show all
// codes, or remove all rules.
func TestAQueryThatIsNotUnderstoodIsRefused(t *testing.T) {
	d := open(t, Config{})
	d.ask(ann)
	for query, why := range map[string]string{
		"phone=%zz":                  `invalid URL escape "%zz"`,
		"phone=4915112345678;wait=0": "semicolon",
		"phnoe=4915112345678":        `there is no parameter "phnoe", want phone, wait, after`,
		"after=1&after=2":            "after: got 2 of them",
	} {
		d.refused(d.request("GET", "/v1/codes?"+query, ""), 400, "invalid", why)
	}
	rule := `{"method":"*","nth":99,"do":"cut"}`
	d.wants(201, "POST", "/v1/rules", rule, nil)
	for _, r := range []*http.Request{
		d.request("DELETE", "/v1/rules?id=1", ""), d.request("DELETE", "/v1/rules/1?id=1", ""), d.request("POST", "/v1/rules?id=1", rule),
		d.request("POST", "/v1/clock/advance?id=1", `{"by":"1h"}`), d.request("GET", "/v1/users/9996620001?id=1", ""),
	} {
		d.refused(r, 400, "invalid", `there is no parameter "id", want none`)
	}
	var rules []emulator.Rule
	if d.wants(200, "GET", "/v1/rules", "", &rules); len(rules) != 1 {
		t.Errorf("got %v, want the one rule", rules)
	}
}

func TestTheClockIsMoved(t *testing.T) {
	d := open(t, Config{})
	var answer struct{ Now time.Time }
	before := d.srv.Clock()
	d.wants(200, "POST", "/v1/clock/advance", `{"by":"168h"}`, &answer)
	if moved := answer.Now.Sub(before); moved < 168*time.Hour || moved > 169*time.Hour {
		t.Errorf("the clock moved by %v, want a week", moved)
	}
	before = answer.Now
	d.wants(200, "POST", "/v1/clock/advance", `{"seconds":3600}`, &answer)
	if moved := answer.Now.Sub(before); moved < time.Hour || moved > 2*time.Hour {
		t.Errorf("the clock moved by %v, want an hour", moved)
	}
	before = answer.Now
	d.wants(200, "GET", "/v1/clock", "", &answer)
	if moved := answer.Now.Sub(before); moved < 0 || moved > time.Hour {
		t.Errorf("the clock shows %v, %v after it was asked before", answer.Now, moved)
	}
	d.refused(d.request("GET", "/v1/clock?at=1", ""), 400, "invalid", "at")
	for body, why := range map[string]string{
		`{"seconds":0}`:           "seconds: got 0",
		`{"seconds":-1}`:          "seconds: got -1",
		`{"seconds":1e30}`:        "seconds: got a JSON number",
		`{"seconds":9000000000}`:  "seconds: got 9000000000",
		`{"seconds":1,"by":"1s"}`: "by: got it together with seconds",
		`{"by":"a week"}`:         `by: got "a week"`,
		`{"by":"-1h"}`:            `by: got "-1h"`,
		`{}`:                      `by: got ""`,
		`{"by":3600}`:             "by: got a JSON number",
		`{"by":"999999h"}`:        `by: got "999999h"`,
		`{"to":"1h"}`:             `there is no field "to"`,
	} {
		d.refused(d.request("POST", "/v1/clock/advance", body), 400, "invalid", why)
	}
	d.refused(d.request("POST", "/v1/clock/advance", fmt.Sprintf(`{"by":%q}`, emulator.MaxAhead)), 409, "end_of_time", "the clock has come to its end")
}

func TestTheNetworkFileNamesTheAPI(t *testing.T) {
	d := open(t, Config{})
	var file struct {
		DCs     []map[string]any `json:"dcs"`
		Keys    []string         `json:"public_keys"`
		Control string           `json:"control"`
	}
	d.wants(200, "GET", "/v1/network", "", &file)
	if len(file.DCs) != 3 || len(file.Keys) != 1 || file.Control != d.api.URL() {
		t.Errorf("got %+v", file)
	}
	if text := d.wants(200, "GET", "/v1/health", "", nil); text != `{"status":"ok"}`+"\n" {
		t.Errorf("got %q", text)
	}
}

func TestAClosedPortAndALostClient(t *testing.T) {
	d := open(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	r := d.request("GET", "/v1/codes?wait=60s", "").WithContext(ctx)
	gone := make(chan error)
	go func() {
		_, err := http.DefaultTransport.RoundTrip(r)
		gone <- err
	}()
	cancel()
	if err := <-gone; err == nil {
		t.Error("got an answer after going away")
	}
	port := d.api.URL()[strings.LastIndex(d.api.URL(), ":")+1:]
	var number int
	fmt.Sscan(port, &number)
	if _, err := Start(d.srv, Config{Port: number}); err == nil {
		t.Error("two APIs on one port")
	}
}

func TestAConfigIsChecked(t *testing.T) {
	srv, err := emulator.Start(emulator.Config{DCs: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	const token = "0123456789abcdef"
	for want, cfg := range map[string]Config{
		"port: got 65536":                      {Port: 65536},
		"token: got none":                      {AllowRemote: true},
		"token: got 3 characters, want at":     {Token: secret.New("abc")},
		"token: got spaces":                    {Token: secret.New(token + "\n")},
		"listen: got 0.0.0.0, want a loopback": {Listen: "0.0.0.0", Token: secret.New(token)},
	} {
		s, err := Start(srv, cfg)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), token) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if s != nil {
			s.Close()
		}
	}
}

func TestATokenDoesNotShow(t *testing.T) {
	cfg := Config{Token: secret.New("0123456789abcdef")}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", cfg.Token, "config", fmt.Sprint(cfg))
	b, err := json.Marshal(cfg.Token)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %x %q %d", cfg, cfg, cfg, cfg.Token, cfg.Token, cfg.Token, cfg.Token) + log.String() + string(b)
	if strings.Contains(all, "0123") || strings.Contains(all, "30313233") || strings.Contains(all, "48 49") {
		t.Errorf("got the token in %s", all)
	}
}
