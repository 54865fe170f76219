package control

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/secret"
)

func TestARequestMustNameALoopbackHost(t *testing.T) {
	d := open(t, Config{})
	for host, ok := range map[string]bool{
		"localhost": true, "LocalHost:80": true, "127.0.0.1": true, "127.8.9.1:5": true, "[::1]": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true,
		"evil.example": false, "evil.example:80": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false,
		"0.0.0.0": false, "192.0.2.1:80": false, "[::]": false, "localhost.": false, "x.localhost": false, "2130706433": false, "127.1": false,
	} {
		r := d.request("GET", "/v1/codes", "")
		r.Host = host
		if !ok {
			d.refused(r, 403, "host_not_allowed", host)
		} else if answer, text := d.do(r); answer.StatusCode != 200 {
			t.Errorf("%s: got %s %s", host, answer.Status, text)
		}
	}
}

func TestWebPagesMayNotAsk(t *testing.T) {
	d := open(t, Config{})
	own := strings.TrimPrefix(d.api.URL(), "http://")
	for _, c := range []struct {
		header, value string
		ok            bool
	}{
		{"Origin", d.api.URL(), true},
		{"Origin", "http://evil.example", false},
		{"Origin", "http://localhost:3000", false},
		{"Origin", "http://127.0.0.1", false},
		{"Origin", "null", false},
		{"Origin", "", false},
		{"Origin", "file://" + own, false},
		{"Origin", "http://evil.example@" + own + ".evil.example", false},
		{"Sec-Fetch-Site", "same-origin", true},
		{"Sec-Fetch-Site", "none", true},
		{"Sec-Fetch-Site", "same-site", false},
		{"Sec-Fetch-Site", "cross-site", false},
		{"Sec-Fetch-Site", "", false},
	} {
		for _, r := range []*http.Request{
			d.request("GET", "/v1/codes", ""), d.request("POST", "/v1/rules", `{"frame":9999,"do":"cut"}`), d.request("DELETE", "/v1/rules", ""),
		} {
			r.Header.Set(c.header, c.value)
			if !c.ok {
				d.refused(r, 403, "origin_not_allowed", "web pages")
			} else if answer, text := d.do(r); answer.StatusCode >= 300 {
				t.Errorf("%s %s: got %s %s", c.header, c.value, answer.Status, text)
			}
		}
	}
	// Two origins are one too many.
	r := d.request("GET", "/v1/codes", "")
	r.Header["Origin"] = []string{d.api.URL(), "http://evil.example"}
	d.refused(r, 403, "origin_not_allowed", "evil.example")
	// A preflight is not answered as one.
	r = d.request("OPTIONS", "/v1/rules", "")
	r.Header.Set("Origin", "http://evil.example")
	r.Header.Set("Access-Control-Request-Method", "DELETE")
	d.refused(r, 403, "origin_not_allowed", "web pages")
}

func TestEveryRequestBringsTheToken(t *testing.T) {
	const token = "0123456789abcdef"
	d := open(t, Config{AllowRemote: true, Listen: "0.0.0.0", Token: secret.New(token)})
	if !strings.HasPrefix(d.api.URL(), "http://127.0.0.1:") {
		t.Errorf("got %s, want an address to dial", d.api.URL())
	}
	for _, authorization := range []string{"", "Bearer", "Bearer 0123456789abcdee", "Basic " + token, token, "Bearer " + token + " " + token} {
		for _, route := range routes {
			r := d.request(route.method, route.path, "")
			if authorization != "" {
				r.Header.Set("Authorization", authorization)
			}
			d.refused(r, 401, "token_wrong", "Bearer")
		}
	}
	for _, authorization := range []string{"Bearer " + token, "bearer " + token} {
		r := d.request("GET", "/v1/health", "")
		r.Host = "emulator.ci.example:8080" // any name: who knows the token may ask
		r.Header.Set("Authorization", authorization)
		if answer, text := d.do(r); answer.StatusCode != 200 {
			t.Errorf("got %s %s", answer.Status, text)
		}
	}
	// Pages stay outside, token or not.
	r := d.request("GET", "/v1/health", "")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Origin", "http://evil.example")
	d.refused(r, 403, "origin_not_allowed", "")
}

func TestATokenMayGuardTheLoopbackToo(t *testing.T) {
	const token = "0123456789abcdef"
	d := open(t, Config{Token: secret.New(token)})
	d.refused(d.request("GET", "/v1/codes", ""), 401, "token_wrong", "")
	r := d.request("GET", "/v1/codes", "")
	r.Host = "evil.example"
	r.Header.Set("Authorization", "Bearer "+token)
	d.refused(r, 403, "host_not_allowed", "")
}

func TestAWriteMustBeJSON(t *testing.T) {
	d := open(t, Config{})
	body := `{"method":"*","nth":99,"do":"cut"}`
	for kind, ok := range map[string]bool{
		"application/json": true, "Application/JSON; charset=UTF-8": true,
		"": false, "text/plain": false, "application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false,
		"application/json; charset=utf-16": false, "application/jsonp": false, "text/json": false, "application/json,text/plain": false,
	} {
		r := d.request("POST", "/v1/rules", body)
		r.Header.Set("Content-Type", kind)
		if !ok {
			d.refused(r, 415, "json_wanted", "application/json")
		} else if answer, text := d.do(r); answer.StatusCode != 201 {
			t.Errorf("%s: got %s %s", kind, answer.Status, text)
		}
	}
	if n := len(d.srv.Rules()); n != 2 {
		t.Errorf("got %d rules, want the two that were JSON", n)
	}
}

func TestABodyHasABound(t *testing.T) {
	d := open(t, Config{})
	for _, body := range []string{strings.Repeat(" ", maxBody+1), `{"first_name":"` + strings.Repeat("n", 10*maxBody) + `"}`} {
		d.refused(d.request("POST", "/v1/users", body), 413, "too_large", "body")
	}
	d.refused(d.request("POST", "/v1/users", strings.Repeat("[", maxBody)), 400, "invalid", "")
}

func TestThereIsNothingElse(t *testing.T) {
	d := open(t, Config{})
	for _, path := range []string{"/", "/v1", "/v1/", "/v2/codes", "/v1/codes/", "/v1/rules/1/2", "/index.html", "/v1/users/1/../.."} {
		r := d.request("GET", "/", "")
		r.URL.Path = path
		if answer, text := d.do(r); answer.StatusCode != 404 && answer.StatusCode != 307 && answer.StatusCode != 301 {
			t.Errorf("%s: got %s %s", path, answer.Status, text)
		}
	}
	d.refused(d.request("GET", "/v1/nothing", ""), 404, "not_found", `"/v1/nothing"`)
	for _, c := range []struct{ method, path, allow string }{
		{"POST", "/v1/codes", "GET"}, {"PUT", "/v1/users", "GET, POST"}, {"PATCH", "/v1/rules/1", "DELETE"},
		{"GET", "/v1/clock/advance", "POST"}, {"OPTIONS", "/v1/rules", "GET, POST, DELETE"}, {"DELETE", "/v1/users/" + ann, "GET, PATCH"},
		{"TRACE", "/v1/health", "GET"},
	} {
		r := d.request(c.method, c.path, "")
		d.refused(r, 405, "method_not_allowed", c.method)
		if answer, _ := d.do(r); answer.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: got Allow %q, want %q", c.method, c.path, answer.Header.Get("Allow"), c.allow)
		}
	}
	if answer, text := d.do(d.request("HEAD", "/v1/health", "")); answer.StatusCode != 200 || text != "" {
		t.Errorf("HEAD: got %s %q", answer.Status, text)
	}
	for query, why := range map[string]string{
		"/v1/codes?phon=1":          `there is no parameter "phon"`,
		"/v1/codes?phone=x":         `phone: got "x"`,
		"/v1/codes?phone=1&phone=2": "phone: got 2 of them",
		"/v1/codes?wait=10":         `wait: got "10"`,
		"/v1/codes?wait=61s":        `wait: got "61s"`,
		"/v1/codes?wait=-1s":        `wait: got "-1s"`,
		"/v1/codes?after=x":         `after: got "x"`,
		"/v1/codes?after=-1":        `after: got "-1"`,
		"/v1/users?phone=1":         `there is no parameter "phone"`,
		"/v1/rules?id=1":            `there is no parameter "id"`,
		"/v1/network?x":             `there is no parameter "x"`,
		"/v1/health?x":              `there is no parameter "x"`,
	} {
		d.refused(d.request("GET", query, ""), 400, "invalid", why)
	}
}

// raw sends bytes and returns the status that they are answered with; 0 for
// none.
func (d *desk) raw(text string) int {
	d.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.api.URL(), "http://"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprint(conn, text)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestRequestsThatNoLibrarySends(t *testing.T) {
	d := open(t, Config{})
	for text, want := range map[string]int{
		"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n":                                            200,
		"GET /v1/health HTTP/1.1\r\n\r\n":                                                               400, // no host
		"GET /v1/health HTTP/1.0\r\n\r\n":                                                               403,
		"GET /v1/health HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n":                                 400,
		"GET http://evil.example/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n":                         403, // the host of the line counts
		"OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n":                                              403,
		"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n":                                                 400,
		"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n":                                      404,
		"POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nContent-Length: 10\r\n\r\n": 400,
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n":                                          400,
		"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n":   431,
	} {
		if got := d.raw(text); got != want && !(want == 431 && got == 0) {
			t.Errorf("%.80q: got %d, want %d", text, got, want)
		}
	}
}

func TestThereIsOnlySoMuchRoom(t *testing.T) {
	d := open(t, Config{})
	addr := strings.TrimPrefix(d.api.URL(), "http://")
	var conns []net.Conn
	for range maxConnections {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	extra, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	_ = extra.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := extra.Read(make([]byte, 1)); n != 0 || err == nil || isTimeout(err) {
		t.Errorf("got %d bytes, %v; want the end of one too many", n, err)
	}
	// A place that is given up is given to the next.
	for _, conn := range conns {
		conn.Close()
	}
	for range 100 {
		if d.raw("GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n") == 200 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("nobody is let in any more")
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// ServeMux would answer with a redirect in HTML.
func TestAnUncleanPathIsRefusedInJSON(t *testing.T) {
	d := open(t, Config{})
	for _, path := range []string{"/v1/x/../codes", "/v1//codes", "//v1/codes", "/v1/./codes"} {
		d.refused(d.request("GET", path, ""), 404, "not_found", "/v1/codes")
	}
}
