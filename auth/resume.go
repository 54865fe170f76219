package auth

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/telekey/telekey/internal/strictjson"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// Binding says where a flow goes on: a code's hash is known to one data centre
// alone, and that a password is awaited is known of one key alone.
type Binding struct {
	Network string `json:"network"`       // the network's identity
	DC      int    `json:"dc"`            // the home that calls go to
	KeyID   int64  `json:"key_id,string"` // of the authorization key there
}

// BindingOf is the binding of a session as it is now, which telekey's
// Client.Session returns.
func BindingOf(d session.Data) Binding {
	return Binding{Network: d.Network.Identity(), DC: d.Home, KeyID: d.Keys[d.Home].Auth.ID()}
}

// orElse is b with the fields of other in place of those that are not known.
func (b Binding) orElse(other Binding) Binding {
	return Binding{
		Network: cmp.Or(b.Network, other.Network),
		DC:      cmp.Or(b.DC, other.DC),
		KeyID:   cmp.Or(b.KeyID, other.KeyID),
	}
}

// BindingError says that a flow was to be resumed, or marshalled for, where it
// cannot go on.
type BindingError struct {
	Got, Want Binding // where it is to go on, and where it was begun
}

// Error says what differs.
func (e *BindingError) Error() string {
	return fmt.Sprintf("this sign-in was begun on network %q, data centre %d, with key %016x; "+
		"got network %q, data centre %d, key %016x: resume it with the session it was begun with, or begin anew",
		e.Want.Network, e.Want.DC, uint64(e.Want.KeyID), e.Got.Network, e.Got.DC, uint64(e.Got.KeyID))
}

// saved is a marshalled flow.
type saved struct {
	Version int     `json:"v"`
	Binding Binding `json:"binding"`
	Flow    memory  `json:"flow"`
	User    []byte  `json:"user,omitempty"` // in TL

	MaxFlood time.Duration `json:"max_flood,omitempty"` // in nanoseconds
}

const (
	version  = 1
	maxSaved = 1 << 20 // bytes
)

// Marshal writes the flow down, to be continued by [Resume]: JSON of a few
// hundred bytes, or a kilobyte while it asks for a password.
//
// Codes and passwords are never in it: a flow that is marshalled with one on its
// way asks for it again. What is in it is private all the same (the number, the
// name, and the hash that makes a code worth something): keep it like a session.
//
// b is [BindingOf] the session of the client that the flow was driven with, taken
// after [Drive]: a login often moves to another data centre in between. Any other
// b is a [*BindingError], because the flow could not be resumed with it.
//
// A flow that has failed is refused with its error, and so is a b without a
// network or a key.
func (f *Flow) Marshal(b Binding) ([]byte, error) {
	if failed, ok := f.Next().(Failed); ok {
		return nil, fmt.Errorf("the sign-in has ended, there is nothing to resume: %w", failed.Err)
	}
	if b.Network == "" || b.DC == 0 || b.KeyID == 0 {
		return nil, fmt.Errorf("got the binding %+v, want a network, a data centre and a key: see BindingOf", b)
	}
	if want := f.bound.orElse(b); want != b {
		return nil, &BindingError{Got: b, Want: want}
	}
	s := saved{Version: version, Binding: b, Flow: f.remembered(), MaxFlood: f.MaxFlood}
	if f.user != nil {
		var err error
		if s.User, err = tg.Schema.Append(nil, f.user); err != nil {
			return nil, err
		}
	}
	return json.Marshal(s)
}

// remembered is what the flow remembers when its secrets are gone: it goes on from
// where they are asked for.
func (f *Flow) remembered() memory {
	m := f.m
	m.State, m.Then = f.withoutSecrets(m.State), f.withoutSecrets(m.Then)
	if m.Challenge == nil {
		return m
	}
	c := *m.Challenge
	m.Challenge = &c
	c.Then = f.withoutSecrets(c.Then)
	if !f.proven.IsZero() { // and was to go around the next call
		next := &m.State
		if m.State == stateWait {
			next = &m.Then
		}
		c.Then, *next = *next, stateAskChallenge
	}
	return m
}

// withoutSecrets is the state to go on from when what was answered last is gone.
func (f *Flow) withoutSecrets(s state) state {
	switch s {
	case stateSignIn, stateRequestFirebase:
		return stateAskCode
	case stateVerifyEmail:
		if f.m.Mail == nil {
			return stateAskEmail
		}
		return stateAskEmailCode
	case stateShowQR, stateImportToken:
		return stateExportToken
	case stateImportGiven:
		return stateAskToken
	case stateFinishPasskey: // and its challenge may be used up
		return stateInitPasskey
	case stateCheckRecovery, stateGetHashing, stateAskReplacement, stateRecoverPassword:
		return stateAskRecoveryCode // which the last of them wants too
	case stateCheckPassword: // and its parameters may be used up
		return stateGetPassword
	case stateCheckOwner, stateAskNewPassword, stateRenewSurvey, stateUpdatePassword:
		return stateSurvey
	case stateDeleteAccount, stateSensitive:
		if f.proof != nil { // without it another call is made
			return stateSurvey
		}
	case stateChangePhone, stateConfirmPhone:
		return stateAskCode
	case stateConfirmMail:
		return stateAskMailCode
	}
	return s
}

// MarshalJSON refuses, so that no flow is written without what it is bound to:
// use Marshal.
func (f Flow) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a Flow is written with Flow.Marshal and read with Resume, which say where it goes on")
}

// Resume continues a flow that was written by [Flow.Marshal]. b is where it is to
// go on; anything but where it was marshalled is a [*BindingError]. Other errors
// say what in data is no flow.
func Resume(data []byte, b Binding) (*Flow, error) {
	s, err := readSaved(data)
	if err != nil {
		return nil, fmt.Errorf("resume a sign-in: %w", err)
	}
	if s.Binding != b {
		return nil, &BindingError{Got: b, Want: s.Binding}
	}
	f := newFlow()
	f.m, f.bound, f.MaxFlood = s.Flow, b, s.MaxFlood
	if len(s.User) > 0 {
		var user tg.AnyUser
		if err := tg.Schema.Decode(s.User, &user); err != nil {
			return nil, fmt.Errorf("resume a sign-in: user: %w", err)
		}
		f.user, _ = user.(*tg.User)
	}
	if missing := f.missing(f.m.State); missing != "" {
		return nil, fmt.Errorf("resume a sign-in: %v: want %s", f.m.State, missing)
	}
	return f, nil
}

func readSaved(data []byte) (s saved, err error) {
	if len(data) > maxSaved {
		return s, fmt.Errorf("got %d bytes, want at most %d", len(data), maxSaved)
	}
	if data, err = strictjson.Text(data); err != nil {
		return s, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return s, errors.New("got more after the flow, want an end")
	}
	if err := strictjson.Twice(data); err != nil {
		return s, err
	}
	if s.Version != version {
		return s, fmt.Errorf("got version %d, want %d", s.Version, version)
	}
	return s, nil
}

// starts are the states that a sign-in begins in.
var starts = []state{stateSendCode, stateAskPhone, stateExportToken, stateAskToken, stateImportGiven, stateInitPasskey}

// missing says what the flow lacks to be in state s; empty: nothing.
func (f *Flow) missing(s state) string {
	m := &f.m
	switch {
	case m.Hops < 0 || m.Restarts < 0 || m.Floods < 0 || m.Wrong < 0:
		return "counts from 0"
	case m.At < 0 || m.At > maxDC:
		return "a data centre that let the flow in"
	case s != f.withoutSecrets(s):
		return "a state that can be resumed"
	case m.Errand != nil:
		return f.errandMissing(s)
	case !slices.Contains(starts, m.Start):
		return "a state to begin anew from"
	}
	return f.signInMissing(s)
}

// signInMissing is missing for a flow without a task. A state that it does not list
// is refused: it belongs to a task, or needs data that is never marshalled.
func (f *Flow) signInMissing(s state) string {
	m := &f.m
	switch s {
	case stateWhoAmI, stateAskPhone, stateSendCode, stateGetPassword, stateRequestRecovery,
		stateExportToken, stateAskToken, stateInitPasskey:
		return ""
	case stateDone:
		return need(f.user != nil, "a user")
	case stateMove:
		if m.Then != 0 && m.Then != stateMove {
			if missing := f.missing(m.Then); missing != "" {
				return missing
			}
		}
		return need(m.MoveTo >= 1 && m.MoveTo <= maxDC && m.Then != stateMove, "a data centre to move to")
	case stateWait:
		if m.Then == stateWait || m.Then == stateMove {
			return "something to wait for"
		}
		return f.missing(m.Then)
	case stateAskCode, stateResendCode, stateCancelCode, stateAskName, stateSignUp,
		stateReportMissing, stateAskEmail, stateSendEmailCode, stateResetEmail:
		return need(m.Sent != nil, "a code that was sent")
	case statePay, stateCheckPaid:
		return need(m.Sent != nil && m.Payment != nil, "a code that was sent, and what it costs")
	case stateAskEmailCode:
		return need(m.Sent != nil && m.Mail != nil, "a code that was sent, and one to a mailbox")
	case stateAskRecoveryCode:
		return need(m.Mail != nil, "a code that was sent to a mailbox")
	case stateAskChallenge:
		c := m.Challenge
		if c == nil || slices.Contains([]state{stateAskChallenge, stateWait, stateMove, stateDone}, c.Then) {
			return "a challenge, and something that it was about"
		}
		return f.missing(c.Then)
	case stateAskPasskey:
		return need(len(m.Options) > 0, "a passkey's challenge")
	case stateAskTerms:
		return need(m.Sent != nil && m.Terms != nil, "a code that was sent, and terms")
	case stateAcceptTerms:
		return need(f.user != nil && m.Terms != nil, "a user, and terms")
	case stateAskPassword:
		return need(m.Check != nil, "the password's parameters")
	}
	return "a state of a sign-in that can be resumed"
}

// need is what is missing if it is.
func need(there bool, what string) string {
	if there {
		return ""
	}
	return what
}
