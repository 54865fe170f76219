package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/telekey/telekey/internal/strictjson"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// Rule is a misbehaviour of a Server: what it is about, how often, and what
// happens then. It is data, with the same words in Go, in a seed file and by
// HTTP.
//
// A rule is about one of three things. Method is a method of the API, or "*"
// for every call. Step is a step of key exchanges: "req_pq", "req_dh_params" or
// "set_client_dh_params". Frame is the nth packet that a client sends on a
// connection, those of the key exchange counted.
//
// What matches goes to the first rule, in the order in which they were added,
// whose turn it is; the rules behind do not see it. So two rules for the first
// call of a method spoil its first two calls.
//
// Do says what happens. Where there is a choice When says at which point; the
// first one here is meant by "":
//
//	error                the call is refused with Code and Message, not executed
//	challenge            the call is refused with 403 and Message, which names a check; it is
//	                     executed in the wrapper for that check, with its nonce and with Token, and
//	                     is then no match of the rule. Message is RECAPTCHA_CHECK_ACTION__KEY
//	                     (invokeWithReCaptcha), INTEGRITY_CHECK_CLASSIC_NONCE
//	                     (invokeWithGooglePlayIntegrity) or APNS_VERIFY_CHECK_NONCE
//	                     (invokeWithApnsSecret).
//	gzip                 the answer is packed
//	unknown_constructor  the answer is something that no schema has
//	bad_salt             the packet with the call is refused, and all older salts of its key with it
//	forget_session       the data centre forgets the sessions of the call's key, as when it
//	                     restarts: before or after it has executed the packet with the call.
//	                     Nothing in the packet is answered.
//	forget_key           the data centre forgets the key that the call came with, and says so
//	                     with -404
//	lose_code            the code that auth.sendCode, or another method that sends codes, sends does
//	                     not arrive
//	expire_code          codes of the call's key, and those that it sends, are too old
//
// These are for steps and frames, too:
//
//	drop                 before: what came did not come; after: the next packet to the client is
//	                     lost, which is the answer
//	delay                what came is taken up when Delay has passed; what comes meanwhile, on
//	                     the same connection or another, overtakes it
//	cut                  the connection ends. before: what came did not come; after: it is
//	                     executed, and not answered; answered: behind the answer; midway: in the
//	                     middle of the answer's frame
//	transport_error      what came did not come; the connection ends with Code -404, -429 or -444
//
// A packet may hold several calls. bad_salt, forget_session, forget_key,
// transport_error, and drop and cut with before, concern the whole packet that the
// call came in: that is decided before any call of it is executed or answered, and
// before the wrappers around them take effect.
//
// What did not come may be sent again, and is then executed, if it is not
// spoilt another time. Refusals are neither packed nor replaced.
type Rule struct {
	Method string `json:"method,omitempty"`
	Step   string `json:"step,omitempty"`
	Frame  int    `json:"frame,omitempty"`

	Phone string `json:"phone,omitempty"` // calls that name it, or of a key that is signed in to it or waits for its password
	DC    int    `json:"dc,omitempty"`    // at this data centre; 0: at any

	Nth   int `json:"nth,omitempty"`   // only the nth match
	From  int `json:"from,omitempty"`  // or matches from this one on; 0: from the first
	Times int `json:"times,omitempty"` // this many of them; 0: all

	// Probability is how likely each of these is to be spoilt, up to 1; 0: all
	// are. The same Seed makes the same choices.
	Probability float64 `json:"probability,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`

	Do      string        `json:"do,omitempty"`
	When    string        `json:"when,omitempty"`
	Code    int           `json:"code,omitempty"`
	Message string        `json:"message,omitempty"`
	Token   Token         `json:"token,omitempty"`
	Delay   time.Duration `json:"delay,omitempty"` // in JSON "2s"; up to an hour, by the real clock

	// Set in what Server.Rules returns, and refused in what it is given.
	ID      RuleID `json:"id,omitempty"`
	Matched int    `json:"matched,omitempty"` // how often
	Fired   int    `json:"fired,omitempty"`   // how often it was its turn and its chance
}

// RuleID names a rule within a Server. They count up from 1.
type RuleID int

// The words for the points in time at which a rule may do what it does.
const (
	before     = "before"
	afterwards = "after"
	answered   = "answered"
	midway     = "midway"
)

// action is what may be said with one word of Do.
type action struct {
	when      []string // the choice, its default first
	anywhere  bool     // for steps and frames, too
	code      bool     // wants Code
	message   bool     // wants Message
	delay     bool     // wants Delay
	token     bool     // wants Token
	sendsCode bool     // is about a method that sends codes
}

var actions = map[string]action{
	"error":               {code: true, message: true},
	"challenge":           {message: true, token: true},
	"gzip":                {},
	"unknown_constructor": {},
	"bad_salt":            {},
	"forget_session":      {when: []string{before, afterwards}},
	"forget_key":          {},
	"lose_code":           {sendsCode: true},
	"expire_code":         {},
	"drop":                {when: []string{before, afterwards}, anywhere: true},
	"delay":               {delay: true, anywhere: true},
	"cut":                 {when: []string{before, afterwards, answered, midway}, anywhere: true},
	"transport_error":     {code: true, anywhere: true},
}

var (
	codeSenders = []string{
		"auth.sendCode", "auth.resendCode", "auth.requestFirebaseSms", "auth.resetLoginEmail", "auth.requestPasswordRecovery",
		"account.sendVerifyEmailCode", "account.verifyEmail", "account.updatePasswordSettings", "account.resendPasswordEmail",
		"account.sendChangePhoneCode", "account.sendConfirmPhoneCode",
		"payments.assignAppStoreTransaction", "payments.assignPlayMarketTransaction",
	}
	transportErrors = []int{-404, -429, -444}
)

// Bounds of what a rule may say.
const (
	maxDelay   = time.Hour
	maxCode    = 999
	maxMessage = 256
)

// check says what is wrong with a rule, field by field, and fills in When. centres
// are the data centres; nil: not known yet.
func (r *Rule) check(centres []int) error {
	for _, check := range []func() error{
		r.checkSubject,
		func() error { return r.checkPlace(centres) },
		r.checkTurn,
		r.checkAction,
		func() error { return r.checkMigration(centres) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkSubject checks what the rule is about.
func (r *Rule) checkSubject() error {
	subjects := 0
	for _, given := range []bool{r.Method != "", r.Step != "", r.Frame != 0} {
		if given {
			subjects++
		}
	}
	switch {
	case subjects != 1:
		return fmt.Errorf("method, step and frame: got %d of them, want one", subjects)
	case r.Method != "" && !isMethod(r.Method):
		return fmt.Errorf(`method: there is no %q; want a name as in the schema, auth.sendCode for instance, or "*"`, r.Method)
	case r.Step != "" && !slices.Contains(slices.Collect(maps.Values(steps)), r.Step):
		return fmt.Errorf("step: got %q, want req_pq, req_dh_params or set_client_dh_params", r.Step)
	case r.Frame < 0:
		return fmt.Errorf("frame: got %d, want 1 for the first one", r.Frame)
	}
	return nil
}

// isMethod says whether a rule may be about calls of that name. Wrappers around
// calls are not calls.
func isMethod(name string) bool {
	def, err := tg.Schema.Lookup(name)
	return name == "*" || err == nil && def != nil && def.Function && def.Result.Kind != tl.KindAny
}

// checkPlace checks where and for whom the rule is.
func (r *Rule) checkPlace(centres []int) error {
	_, err := checkPhone(r.Phone)
	switch {
	case r.Phone != "" && err != nil:
		return err
	case r.Phone != "" && r.Method == "":
		return errors.New("phone: got one without a method; steps and frames come before anybody is known")
	case r.DC != 0 && centres != nil && !slices.Contains(centres, r.DC):
		return fmt.Errorf("dc: got %d, want one of %v", r.DC, centres)
	case r.ID != 0, r.Matched != 0, r.Fired != 0:
		return errors.New("id, matched, fired: got one, want none: the server sets them")
	}
	return nil
}

// checkTurn checks which matches are spoilt.
func (r *Rule) checkTurn() error {
	switch {
	case r.Nth < 0:
		return fmt.Errorf("nth: got %d, want 1 for the first match", r.Nth)
	case r.From < 0:
		return fmt.Errorf("from: got %d, want 1 for the first match", r.From)
	case r.Times < 0:
		return fmt.Errorf("times: got %d, want a number of matches, or 0 for all", r.Times)
	case r.Nth != 0 && (r.From != 0 || r.Times != 0):
		return errors.New("nth: got it together with from or times, want one or the other")
	case !(r.Probability >= 0 && r.Probability <= 1):
		return fmt.Errorf("probability: got %v, want more than 0 and at most 1", r.Probability)
	case r.Seed != 0 && r.Probability == 0:
		return errors.New("seed: got one without a probability")
	}
	return nil
}

// checkAction checks what is to happen.
func (r *Rule) checkAction() error {
	a, ok := actions[r.Do]
	switch {
	case !ok:
		return fmt.Errorf("do: got %q, want one of %s", r.Do, strings.Join(slices.Sorted(maps.Keys(actions)), ", "))
	case !a.anywhere && r.Method == "":
		return fmt.Errorf("do: got %s without a method, which only calls can suffer", r.Do)
	case a.sendsCode && !slices.Contains(codeSenders, r.Method):
		return fmt.Errorf("method: got %q, want %s: they send codes", r.Method, strings.Join(codeSenders, " or "))
	case r.When != "" && !slices.Contains(a.when, r.When):
		if len(a.when) == 0 {
			return fmt.Errorf("when: got %q, which %s does not go with", r.When, r.Do)
		}
		return fmt.Errorf("when: got %q, want one of %s", r.When, strings.Join(a.when, ", "))
	}
	if r.When == "" && len(a.when) > 0 {
		r.When = a.when[0]
	}
	return r.checkDetails(a)
}

// checkDetails checks what an action needs to know.
func (r *Rule) checkDetails(a action) error {
	// Some of Telegram's messages are sentences: "No workers running".
	printable := !strings.ContainsFunc(r.Message, func(c rune) bool { return c < ' ' || c > '~' }) && strings.TrimSpace(r.Message) == r.Message
	switch {
	case !a.code && r.Code != 0:
		return fmt.Errorf("code: got %d, which %s does not go with", r.Code, r.Do)
	case !a.message && r.Message != "":
		return fmt.Errorf("message: got %q, which %s does not go with", r.Message, r.Do)
	case !a.delay && r.Delay != 0:
		return fmt.Errorf("delay: got %v, which %s does not go with", r.Delay, r.Do)
	case r.Do == "transport_error" && !slices.Contains(transportErrors, r.Code):
		return fmt.Errorf("code: got %d, want one of %v", r.Code, transportErrors)
	case a.code && (r.Code == 0 || r.Code < -maxCode || r.Code > maxCode):
		return fmt.Errorf("code: got %d, want that of an error, 420 for instance", r.Code)
	case a.message && (r.Message == "" || len(r.Message) > maxMessage || !printable):
		return fmt.Errorf("message: got %q, want that of an error, FLOOD_WAIT_3 for instance", cut(r.Message))
	case !a.token && r.Token != "":
		return fmt.Errorf("token: got one, which %s does not go with", r.Do)
	case a.delay && (r.Delay <= 0 || r.Delay > maxDelay):
		return fmt.Errorf("delay: got %v, want up to %v", r.Delay, maxDelay)
	case a.token:
		return r.checkChallenge()
	}
	return nil
}

// checkMigration checks an error that sends the client to another data centre: the
// network has to have it. Such an error without a number does not exist.
//
// https://core.telegram.org/api/errors#303-see-other
func (r *Rule) checkMigration(centres []int) error {
	e := tg.NewError(r.Code, r.Message)
	switch {
	case r.Do != "error" || !strings.HasSuffix(string(e.Type), "_MIGRATE"):
		return nil
	case string(e.Type) == r.Message:
		return fmt.Errorf("message: got %s without a data centre, want its number at the end", cut(r.Message))
	case centres != nil && !slices.Contains(centres, e.Arg):
		return fmt.Errorf("message: got %s, want one of the data centres %v", cut(r.Message), centres)
	}
	return nil
}

// ruleFields is a Rule without its methods.
type ruleFields Rule

// ruleJSON is a Rule as JSON has it.
type ruleJSON struct {
	ruleFields
	Probability *float64 `json:"probability,omitempty"`
	Delay       string   `json:"delay,omitempty"`
}

// MarshalJSON writes r without the fields that are empty.
func (r Rule) MarshalJSON() ([]byte, error) {
	j := ruleJSON{ruleFields: ruleFields(r)}
	if r.Probability != 0 {
		j.Probability = &r.Probability
	}
	if r.Delay != 0 {
		j.Delay = r.Delay.String()
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes. Fields that a rule does not have
// are an error. What the fields say is checked when the rule is added.
func (r *Rule) UnmarshalJSON(data []byte) error {
	var j ruleJSON
	if err := strictjson.Read(data, &j); err != nil {
		return err
	}
	read := Rule(j.ruleFields)
	if p := j.Probability; p != nil {
		if read.Probability = *p; *p == 0 {
			return errors.New("probability: got 0, want more than 0 and at most 1")
		}
	}
	if j.Delay != "" {
		d, err := time.ParseDuration(j.Delay)
		if err != nil {
			return fmt.Errorf(`delay: got %q, want a time like "1.5s"`, cut(j.Delay))
		}
		read.Delay = d
	}
	*r = read
	return nil
}
