package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/internal/strictjson"
)

// routes are all that can be asked. docs/control.md has an example of each.
var routes = []route{
	{"GET", "/v1/codes", http.StatusOK, getCodes},
	{"GET", "/v1/users", http.StatusOK, getUsers},
	{"POST", "/v1/users", http.StatusCreated, addUser},
	{"GET", "/v1/users/{phone}", http.StatusOK, getUser},
	{"PATCH", "/v1/users/{phone}", http.StatusOK, changeUser},
	{"POST", "/v1/users/{phone}/pay", http.StatusOK, payForCode},
	{"POST", "/v1/sessions/end", http.StatusOK, endSessions},
	{"POST", "/v1/weblogins", http.StatusNoContent, addWebLogin},
	{"POST", "/v1/qr/accept", http.StatusNoContent, acceptQR},
	{"GET", "/v1/bots", http.StatusOK, getBots},
	{"POST", "/v1/bots", http.StatusCreated, addBot},
	{"POST", "/v1/bots/{id}/revoke", http.StatusOK, revokeBot},
	{"POST", "/v1/webtokens", http.StatusCreated, newWebToken},
	{"GET", "/v1/rules", http.StatusOK, getRules},
	{"POST", "/v1/rules", http.StatusCreated, addRule},
	{"DELETE", "/v1/rules", http.StatusNoContent, clearRules},
	{"DELETE", "/v1/rules/{id}", http.StatusNoContent, removeRule},
	{"GET", "/v1/clock", http.StatusOK, getClock},
	{"POST", "/v1/clock/advance", http.StatusOK, advanceClock},
	{"GET", "/v1/network", http.StatusOK, getNetwork},
	{"GET", "/v1/health", http.StatusOK, getHealth},
}

// route is one thing that can be asked.
type route struct {
	method string
	path   string // as http.ServeMux has it
	status int    // of its answer
	answer func(a *api, r *http.Request) (any, error)
}

// api is what the routes work with.
type api struct {
	emulator *emulator.Server
	cfg      Config
	url      string
	life     context.Context // ends when the API does
}

// problem is an error as who asks sees it.
type problem struct {
	status  int
	Code    string `json:"code"` // one word, for programs
	Message string `json:"message"`
}

// Error is the message.
func (p *problem) Error() string { return p.Message }

// refuse makes a problem.
func refuse(status int, code, format string, args ...any) *problem {
	return &problem{status, code, fmt.Sprintf(format, args...)}
}

// handler serves the routes to requests that pass admit.
func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	paths := map[string][]route{}
	for _, r := range routes {
		paths[r.path] = append(paths[r.path], r)
	}
	for path, here := range paths {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.dispatch(w, r, here) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, refuse(http.StatusNotFound, "not_found", "there is nothing at %q", r.URL.Path))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if no := a.admit(r); no != nil {
			a.fail(w, r, no)
			return
		}
		// ServeMux would redirect a path with // or .. in it, in HTML.
		if clean := path.Clean(r.URL.Path); r.URL.Path != clean && r.URL.Path != clean+"/" {
			a.fail(w, r, refuse(http.StatusNotFound, "not_found", "there is nothing at %q, try %q", r.URL.Path, clean))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// dispatch finds the route of a path by the request's method.
func (a *api) dispatch(w http.ResponseWriter, r *http.Request, here []route) {
	var allowed []string
	for _, route := range here {
		if route.method == r.Method || route.method == "GET" && r.Method == "HEAD" {
			a.serve(w, r, route)
			return
		}
		allowed = append(allowed, route.method)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	a.fail(w, r, refuse(http.StatusMethodNotAllowed, "method_not_allowed", "got %s, want %s", r.Method, strings.Join(allowed, " or ")))
}

// serve answers one request.
func (a *api) serve(w http.ResponseWriter, r *http.Request, route route) {
	if (route.method == "POST" || route.method == "PATCH") && !isJSON(r) {
		a.fail(w, r, refuse(http.StatusUnsupportedMediaType, "json_wanted",
			"content-type: got %q, want application/json", r.Header.Get("Content-Type")))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	answer, err := route.answer(a, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.cfg.Log.Debug("control", "method", r.Method, "path", r.URL.Path, "status", route.status)
	a.write(w, route.status, answer)
}

// fail answers with an error.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, ok := errors.AsType[*problem](err)
	switch {
	case ok:
	case errors.Is(err, emulator.ErrNoUser):
		p = refuse(http.StatusNotFound, "not_found", "%s", strings.TrimPrefix(err.Error(), "emulator: "))
	case errors.Is(err, emulator.ErrClosed):
		p = refuse(http.StatusServiceUnavailable, "closed", "the emulator is closed")
	default: // what it says about what it was given
		p = refuse(http.StatusBadRequest, "invalid", "%s", strings.TrimPrefix(err.Error(), "emulator: "))
	}
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	a.cfg.Log.Debug("control", "method", r.Method, "path", r.URL.Path, "status", p.status, "error", p.Code)
	a.write(w, p.status, map[string]*problem{"error": p})
}

// write writes an answer; nil is none.
func (a *api) write(w http.ResponseWriter, status int, answer any) {
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answer); err != nil {
		a.cfg.Log.Error("an answer cannot be written; this is a mistake of the emulator", "error", err)
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // fails if the client has disconnected
}

// decode reads the body, one JSON object and nothing else, of a request without
// parameters.
func decode(r *http.Request, into any) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(http.StatusRequestEntityTooLarge, "too_large", "body: got more than %d bytes", maxBody)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid", "body: %v", err)
	}
	if err := strictjson.Read(body, into); err != nil {
		return refuse(http.StatusBadRequest, "invalid", "%s", err)
	}
	return nil
}

// parameters returns the parameters of the query, each at most once and of these
// names. What cannot be read is refused as well: left out, it would make codes of
// one phone those of all.
func parameters(r *http.Request, names ...string) (map[string]string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("query: %w; want NAME=VALUE, with & between them", err)
	}
	given := map[string]string{}
	for name, values := range query {
		known := false
		for _, n := range names {
			known = known || n == name
		}
		switch {
		case !known:
			return nil, fmt.Errorf("there is no parameter %q, want %s", name, cmp.Or(strings.Join(names, ", "), "none"))
		case len(values) > 1:
			return nil, fmt.Errorf("%s: got %d of them, want one", name, len(values))
		}
		given[name] = values[0]
	}
	return given, nil
}
