package emulator

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telekey/telekey/tg"
)

func TestAMistakeInARuleIsNamedWithItsField(t *testing.T) {
	call := Rule{Method: "auth.sendCode", Do: "gzip"}
	for want, spoil := range map[string]func(*Rule){
		"method, step and frame: got 0":   func(r *Rule) { r.Method = "" },
		"method, step and frame: got 3":   func(r *Rule) { r.Step, r.Frame = "req_pq", 1 },
		`method: there is no "auth.send"`: func(r *Rule) { r.Method = "auth.send" },
		`there is no "inputUserSelf"`:     func(r *Rule) { r.Method = "inputUserSelf" },
		`there is no "invokeWithLayer"`:   func(r *Rule) { r.Method = "invokeWithLayer" },
		`step: got "req_PQ"`:              func(r *Rule) { r.Method, r.Step = "", "req_PQ" },
		"frame: got -1":                   func(r *Rule) { r.Method, r.Frame = "", -1 },
		`phone: got "ann"`:                func(r *Rule) { r.Phone = "ann" },
		"phone: got one without a method": func(r *Rule) { r.Method, r.Step, r.Phone = "", "req_pq", ann },
		"dc: got 4, want one of [1 2 3]":  func(r *Rule) { r.DC = 4 },
		"id, matched, fired: got one":     func(r *Rule) { r.Fired = 1 },
		"nth: got -1":                     func(r *Rule) { r.Nth = -1 },
		"from: got -1":                    func(r *Rule) { r.From = -1 },
		"times: got -1":                   func(r *Rule) { r.Times = -1 },
		"nth: got it together":            func(r *Rule) { r.Nth, r.Times = 1, 1 },
		"probability: got 1.5":            func(r *Rule) { r.Probability = 1.5 },
		"probability: got -0.5":           func(r *Rule) { r.Probability = -0.5 },
		"probability: got NaN":            func(r *Rule) { r.Probability = math.NaN() },
		"seed: got one without":           func(r *Rule) { r.Seed = 1 },
		`do: got "", want one of bad_sal`: func(r *Rule) { r.Do = "" },
		"do: got gzip without a method":   func(r *Rule) { r.Method, r.Step = "", "req_pq" },
		"method: got \"*\", want auth.se": func(r *Rule) { r.Method, r.Do = "*", "lose_code" },
		"when: got \"after\", which gzip": func(r *Rule) { r.When = "after" },
		`when: got "midway", want one of`: func(r *Rule) { r.Do, r.When = "drop", "midway" },
		"code: got 400, which gzip":       func(r *Rule) { r.Code = 400 },
		`message: got "X", which gzip`:    func(r *Rule) { r.Message = "X" },
		"delay: got 1s, which gzip":       func(r *Rule) { r.Delay = time.Second },
		"code: got 404, want one of [-40": func(r *Rule) { r.Do, r.Code = "transport_error", 404 },
		"code: got 0, want that of":       func(r *Rule) { r.Do, r.Message = "error", "X" },
		"code: got 1000, want that of":    func(r *Rule) { r.Do, r.Code, r.Message = "error", 1000, "X" },
		`message: got "", want that of`:   func(r *Rule) { r.Do, r.Code = "error", 400 },
		`message: got "A\tB", want that`:  func(r *Rule) { r.Do, r.Code, r.Message = "error", 400, "A\tB" },
		`message: got " AB", want that o`: func(r *Rule) { r.Do, r.Code, r.Message = "error", 400, " AB" },
		"message: got PHONE_MIGRATE_9, want one of the data centres [1 2 3]": func(r *Rule) { r.Do, r.Code, r.Message = "error", 303, "PHONE_MIGRATE_9" },
		"message: got USER_MIGRATE_0, want":                                  func(r *Rule) { r.Do, r.Code, r.Message = "error", 303, "USER_MIGRATE_0" },
		"message: got FILE_MIGRATE without a":                                func(r *Rule) { r.Do, r.Code, r.Message = "error", 303, "FILE_MIGRATE" },
		"delay: got 0s, want up to 1h":                                       func(r *Rule) { r.Do = "delay" },
		"delay: got 2h0m0s, want up to":                                      func(r *Rule) { r.Do, r.Delay = "delay", 2*time.Hour },
	} {
		r := call
		spoil(&r)
		err := r.check([]int{1, 2, 3})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error with %q", r, err, want)
		}
	}
	there := Rule{Method: "auth.sendCode", Do: "error", Code: 303, Message: "PHONE_MIGRATE_3"}
	flood := Rule{Method: "auth.sendCode", Do: "error", Code: 420, Message: "FLOOD_WAIT"} // real servers send it
	for _, r := range []Rule{call, there, flood} {
		if err := r.check([]int{1, 2, 3}); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := Start(Config{Rules: []Rule{call, {}}}); err == nil || !strings.Contains(err.Error(), "rule 2: method") {
		t.Errorf("got %v, want the place of the wrong rule", err)
	}
}

// turns says which of the first n matches a rule takes.
func turns(t *testing.T, r Rule, n int) (taken []int) {
	t.Helper()
	var rs rules
	r.Method, r.Do = "*", "gzip"
	if _, err := rs.add(r, nil); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if rs.take(occasion{method: "help.getConfig"}) != nil {
			taken = append(taken, i+1)
		}
	}
	return taken
}

func TestARuleHasItsTurn(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want []int
	}{
		{Rule{}, []int{1, 2, 3, 4, 5}},
		{Rule{Nth: 1}, []int{1}},
		{Rule{Nth: 3}, []int{3}},
		{Rule{From: 4}, []int{4, 5}},
		{Rule{Times: 2}, []int{1, 2}},
		{Rule{From: 2, Times: 2}, []int{2, 3}},
		{Rule{From: math.MaxInt, Times: math.MaxInt}, nil},
		{Rule{From: 2, Times: math.MaxInt}, []int{2, 3, 4, 5}},
		{Rule{Probability: 1}, []int{1, 2, 3, 4, 5}},
	} {
		if got := turns(t, c.rule, 5); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.rule, got, c.want)
		}
	}
}

func TestTheSameSeedMakesTheSameChoices(t *testing.T) {
	one := turns(t, Rule{Probability: 0.3, Seed: 1}, 1000)
	if len(one) < 230 || len(one) > 370 {
		t.Errorf("got %d of 1000, want some 300", len(one))
	}
	if again := turns(t, Rule{Probability: 0.3, Seed: 1}, 1000); !slices.Equal(again, one) {
		t.Error("the same seed made other choices")
	}
	if other := turns(t, Rule{Probability: 0.3, Seed: 2}, 1000); slices.Equal(other, one) {
		t.Error("another seed made the same choices")
	}
}

func TestARuleIsAboutWhatItNames(t *testing.T) {
	s := running(t, Config{Users: []User{{Phone: ann}}})
	refuse := func(r Rule) {
		t.Helper()
		s.ClearRules()
		r.Do, r.Code, r.Message = "error", 500, "RULED_OUT"
		if _, err := s.AddRule(r); err != nil {
			t.Fatal(err)
		}
	}
	in, stranger := connect(t, s, 2, plain), connect(t, s, 1, plain)
	signedIn(t, in, ann)

	refuse(Rule{Method: "users.getUsers"})
	wantRefusal(t, in, self, 500, "RULED_OUT")
	get(t, in, &tg.HelpGetConfig{})
	wantRefusal(t, stranger, self, 500, "RULED_OUT") // nobody has looked yet who it is

	refuse(Rule{Method: "*", DC: 1})
	wantRefusal(t, stranger, &tg.HelpGetConfig{}, 500, "RULED_OUT")
	get(t, in, &tg.HelpGetConfig{})

	refuse(Rule{Method: "*", Phone: "999 662-0001"})
	wantRefusal(t, in, &tg.HelpGetConfig{}, 500, "RULED_OUT")            // whose account it is
	wantRefusal(t, stranger, codeFor("+999-662-0001"), 500, "RULED_OUT") // whom it is about
	get(t, stranger, &tg.HelpGetConfig{})
	ask(t, stranger, "+15550001111")

	refuse(Rule{Method: "account.sendVerifyEmailCode", Phone: ann})
	for phone, message := range map[string]string{ann: "RULED_OUT", "+15550001111": "PHONE_HASH_EXPIRED"} {
		_, err := tg.Call(t.Context(), stranger, &tg.AccountSendVerifyEmailCode{Email: mailbox, Purpose: setup(phone, "x")})
		if tg.AsError(err) == nil || tg.AsError(err).Message != message {
			t.Errorf("%s: got %v, want %s", phone, err, message)
		}
	}

	// A call that the server does not even know is a call.
	refuse(Rule{Method: "*", DC: 1})
	stranger.layer = 0
	if _, err := stranger.Invoke(t.Context(), []byte{0xef, 0xbe, 0xad, 0xde}); tg.AsError(err) == nil || tg.AsError(err).Message != "RULED_OUT" {
		t.Errorf("got %v, want the rule's error", err)
	}
}

func TestRulesComeAndGo(t *testing.T) {
	s := running(t, Config{Rules: []Rule{{Frame: 100, Do: "cut"}}})
	id, err := s.AddRule(Rule{Method: "help.getConfig", Do: "drop", Phone: ann})
	if err != nil || id != 2 {
		t.Fatalf("got %d, %v; want the second id", id, err)
	}
	if _, err := s.AddRule(Rule{}); err == nil {
		t.Error("got no error for no rule")
	}
	want := []Rule{{ID: 1, Frame: 100, Do: "cut", When: "before"}, {ID: 2, Method: "help.getConfig", Do: "drop", When: "before", Phone: ann}}
	if got := s.Rules(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !s.RemoveRule(1) || s.RemoveRule(1) {
		t.Error("a rule can be removed once")
	}
	if got := s.Rules(); !slices.Equal(got, want[1:]) {
		t.Errorf("got %+v, want %+v", got, want[1:])
	}
	s.ClearRules()
	if got := s.Rules(); len(got) != 0 {
		t.Errorf("got %+v, want none", got)
	}
	for range maxRules {
		if _, err := s.AddRule(want[1].again()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AddRule(want[1].again()); err == nil {
		t.Error("rules pile up")
	}
	s.Close()
	if _, err := s.AddRule(want[1].again()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

// again is a rule as it can be added another time.
func (r Rule) again() Rule {
	r.ID, r.Matched, r.Fired = 0, 0, 0
	return r
}

func TestARuleInJSONHasTheSameWords(t *testing.T) {
	const text = `{"method":"auth.sendCode","phone":"+9996620001","dc":2,"nth":1,"seed":7,"do":"delay","probability":0.5,"delay":"1.5s"}`
	var r Rule
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	want := Rule{Method: "auth.sendCode", Phone: ann, DC: 2, Nth: 1, Seed: 7, Probability: 0.5, Do: "delay", Delay: 1500 * time.Millisecond}
	if r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
	if b, err := json.Marshal(r); err != nil || string(b) != text {
		t.Errorf("got %s, %v; want %s", b, err, text)
	}
	for text, want := range map[string]string{
		`{"method":"*","do":"cut","probability":0}`:   "probability: got 0",
		`{"method":"*","do":"delay","delay":"soon"}`:  `delay: got "soon"`,
		`{"method":"*","do":"delay","delay":5}`:       "delay: got a JSON number",
		`{"method":"*","do":"cut","dc":"2"}`:          "dc: got a JSON string",
		`{"method":"*","do":"cut","if":"it pleases"}`: `there is no field "if"`,
		`{"method":"*","do":"cut","nth":1.5}`:         "nth: got a JSON number",
		`{"method":"*","do":"cut","NTH":1}`:           `there is no field "NTH", want "nth"`,
		`{"method":"*","do":"cut","nth":1,"nth":2}`:   "nth: got it twice",
		`["cut"]`:                                      "got a JSON array, want an object",
		`{"method":"*","do":"cut","seed":-1}`:          "seed: got a JSON number",
		`{"frame":99999999999999999999,"do":"cut"}`:    "frame: got a JSON number",
		`{"method":"*","do":"cut","Message":["soon"]}`: "message: got a JSON array",
	} {
		if err := json.Unmarshal([]byte(text), &r); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Go ") {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
	}
}

// FuzzRule holds that a rule which is accepted comes back as it was written,
// and that no rule can do harm to the one who matches it.
func FuzzRule(f *testing.F) {
	for do, a := range actions {
		for _, when := range append(a.when, "") {
			b, _ := json.Marshal(Rule{Method: "auth.sendCode", Phone: ann, From: 2, Times: 3, Do: do, When: when, Code: -404, Message: "X", Delay: time.Second, Probability: 0.5})
			f.Add(b)
		}
	}
	f.Add([]byte(`{"frame":3,"do":"cut","when":"midway"}`))
	f.Add([]byte(`{"step":"req_pq","do":"transport_error","code":-429}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Rule
		if r.UnmarshalJSON(data) != nil || r.check([]int{1, 2, 3}) != nil {
			return
		}
		b, err := json.Marshal(r)
		var back Rule
		if err != nil || json.Unmarshal(b, &back) != nil || back != r {
			t.Fatalf("%+v became %s, %v, and then %+v", r, b, err, back)
		}
		var rs rules
		if _, err := rs.add(r, []int{1, 2, 3}); err != nil {
			t.Fatalf("%s: checked, but not added: %v", b, err)
		}
		for i := range 5 {
			rs.take(occasion{dc: 1, method: r.Method, step: r.Step, frame: i})
		}
	})
}

func TestNoSchemaHasTheConstructorOfRules(t *testing.T) {
	if d, err := tg.Schema.LookupID(noConstructor); err != nil || d != nil {
		t.Errorf("got %v, %v: choose another", d, err)
	}
}

func TestEveryMethodThatSendsACodeMayLoseIt(t *testing.T) {
	for _, name := range codeSenders {
		def, err := tg.Schema.Lookup(name)
		if err != nil || def == nil || !def.Function {
			t.Errorf("%s: got %v, %v; want a method", name, def, err)
		}
	}
	s := running(t, Config{Users: []User{{Phone: ann}}, Rules: []Rule{{Method: "account.sendChangePhoneCode", Do: "lose_code"}}})
	l := connect(t, s, 2, plain)
	signedIn(t, l, ann)
	get(t, l, &tg.AccountSendChangePhoneCode{PhoneNumber: "+15550001111", Settings: &tg.CodeSettings{}})
	if codes := s.Codes("+15550001111"); len(codes) != 0 {
		t.Errorf("got %v, want the code lost", codes)
	}
}

// The document has a line for each word that a rule may do, and for each reason
// for which sessions end.
func TestTheDocumentNamesWhatRulesDo(t *testing.T) {
	text, err := os.ReadFile("../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	words := slices.Sorted(maps.Keys(actions))
	for why := range endings {
		words = append(words, string(why))
	}
	for _, word := range words {
		if !strings.Contains(string(text), "\n| `"+word+"` |") {
			t.Errorf("docs/control.md has no line for %s", word)
		}
	}
}
