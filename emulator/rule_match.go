package emulator

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/mt"
)

// rules are those of a Server, in the order in which they were added.
type rules struct {
	list []*rule
	last RuleID
}

// rule is a Rule at work.
type rule struct {
	Rule
	phone phoneNumber
	from  int   // first match that it spoils
	times int   // how many of them; 0: all
	dice  *dice // nil: it leaves nothing to chance
}

// maxRules bounds the rules of a Server.
const maxRules = 1000

// AddRule makes the Server misbehave from now on. Errors name the field that is
// wrong.
func (s *Server) AddRule(r Rule) (RuleID, error) {
	var id RuleID
	var wrong error
	if err := s.ask(func(time.Time) { id, wrong = s.rules.add(r, s.cfg.DCs) }); err != nil {
		return 0, err
	}
	if wrong != nil {
		return 0, fmt.Errorf("emulator: %w", wrong)
	}
	return id, nil
}

// Rules returns the rules in their order, with how often they matched and fired.
func (s *Server) Rules() []Rule {
	var list []Rule
	_ = s.ask(func(time.Time) {
		for _, r := range s.rules.list {
			list = append(list, r.Rule)
		}
	})
	return list
}

// RemoveRule ends a rule and says whether there was one of that id. What it has
// done is done: a call that it delays is still delayed.
func (s *Server) RemoveRule(id RuleID) bool {
	found := false
	_ = s.ask(func(time.Time) {
		n := len(s.rules.list)
		s.rules.list = slices.DeleteFunc(s.rules.list, func(r *rule) bool { return r.ID == id })
		found = len(s.rules.list) < n
	})
	return found
}

// ClearRules ends all rules.
func (s *Server) ClearRules() {
	_ = s.ask(func(time.Time) { s.rules.list = nil })
}

// add checks a rule and puts it behind the others.
func (rs *rules) add(given Rule, centres []int) (RuleID, error) {
	if len(rs.list) >= maxRules {
		return 0, fmt.Errorf("rules: got one more than %d; remove some", maxRules)
	}
	if err := given.check(centres); err != nil {
		return 0, err
	}
	rs.last++
	given.ID = rs.last
	r := &rule{Rule: given, from: max(given.From, 1), times: given.Times}
	r.phone, _ = checkPhone(given.Phone)
	if given.Nth != 0 {
		r.from, r.times = given.Nth, 1
	}
	if given.Probability != 0 {
		r.dice = newDice(given.Seed)
	}
	rs.list = append(rs.list, r)
	return r.ID, nil
}

// occasion is something that a rule may be about.
type occasion struct {
	dc     int
	method string // of a call; "*" if it is not known
	phones []phoneNumber
	shown  []attestation
	step   string // of a key exchange
	frame  int    // of a connection
}

// take returns the rule that an occasion goes to, or nil.
func (rs *rules) take(o occasion) *rule {
	for _, r := range rs.list {
		if r.matches(o) && r.due() {
			return r
		}
	}
	return nil
}

// matches says whether a rule is about an occasion.
func (r *rule) matches(o occasion) bool {
	switch {
	case r.DC != 0 && r.DC != o.dc,
		r.phone != "" && !slices.Contains(o.phones, r.phone),
		r.passed(o.shown):
		return false
	case r.Method == "*":
		return o.method != ""
	case r.Method != "":
		return r.Method == o.method
	case r.Step != "":
		return r.Step == o.step
	}
	return r.Frame == o.frame
}

// due counts a match and says whether it is one to spoil.
func (r *rule) due() bool {
	r.Matched++
	if r.Matched < r.from || r.times != 0 && r.Matched-r.from >= r.times {
		return false
	}
	if r.dice != nil && r.dice.roll() >= r.Probability {
		return false
	}
	r.Fired++
	return true
}

// steps are the steps of a key exchange, by what the client sends for them.
var steps = map[uint32]string{
	mt.IDReqPQ:             "req_pq",
	mt.IDReqPQMulti:        "req_pq",
	mt.IDReqDHParams:       "req_dh_params",
	mt.IDSetClientDHParams: "set_client_dh_params",
}

// forPacket returns the rule that a packet goes to before it is looked into.
func (rs *rules) forPacket(k *socket, packet []byte) *rule {
	if len(rs.list) == 0 {
		return nil
	}
	o := occasion{dc: k.centre.id, frame: k.frames}
	// 8 zero, for no key · 8 id · 4 length · body
	// https://core.telegram.org/mtproto/description#unencrypted-message
	if len(packet) >= 24 && binary.LittleEndian.Uint64(packet) == 0 {
		o.step = steps[binary.LittleEndian.Uint32(packet[20:])]
	}
	return rs.take(o)
}

// phones are the numbers that a call is about: the one in it, and that of its
// caller's account.
func phones(c *caller, request any) (about []phoneNumber) {
	if v := reflect.Indirect(reflect.ValueOf(request)); v.Kind() == reflect.Struct {
		about = append(numberIn(v), numberIn(v.FieldByName("Purpose"))...)
	}
	if a := c.account(); a != nil && a.bot == nil {
		about = append(about, a.phone)
	}
	return about
}

// numberIn is the number that a call, or the purpose in it, names.
func numberIn(v reflect.Value) (about []phoneNumber) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	if f := v.FieldByName("PhoneNumber"); f.Kind() == reflect.String {
		if phone, ok := parsePhone(f.String()); ok {
			about = append(about, phone)
		}
	}
	return about
}
