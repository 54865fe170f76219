package auth

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

// Task is something that takes questions and is done with an account that is
// signed in: [SetPassword], [RemovePassword], [RecoverPassword],
// [SetRecoveryEmail], [ConfirmRecoveryEmail], [ChangeLoginEmail], [ChangePhone],
// [ConfirmPhone], [DeleteAccount] and [WithPassword]. What takes one call and no
// question is a function of its own, such as [Devices].
//
// A task is a [Flow] like a sign-in is: [Run] does all of it, [NewTask] gives it
// to whoever has no loop to wait in.
type Task interface {
	// set sets up a new flow and says where it starts.
	set(f *Flow) state
}

// Run does t with c, asking a what only a person can know, and returns how it
// ended.
//
// Errors are as those of [SignIn], and a [*TooFreshError] where Telegram lets
// nobody do this for the first day. tg.ErrAuthKeyUnregistered and its kin say
// that nobody is signed in. After any error Run can be tried again; when the
// connection broke and the outcome is not known, look first whether it was done.
func Run(ctx context.Context, c Client, t Task, a Asker) (Done, error) {
	f := NewTask(t)
	f.MaxFlood = c.MaxFlood()
	defer f.forget()
	end, err := converse(ctx, c, f, a)
	if err != nil {
		return Done{}, err
	}
	return end, settle(ctx, c, end)
}

// NewTask begins to do t. See [Flow], [Drive] and [Flow.Marshal]. The session is
// left to the caller: after [ChangePhone] [Remember] the user, after an account
// was deleted [LogOut].
func NewTask(t Task) *Flow {
	f := newFlow()
	if t == nil {
		f.fail(errors.New("got no task, want one such as auth.SetPassword()"))
		return f
	}
	f.m.Errand = &errand{}
	start := t.set(f)
	f.m.Start = start
	f.to(start)
	return f
}

// errand is what a flow remembers of its task.
type errand struct {
	Name   taskName `json:"name"`
	Email  string   `json:"email,omitempty"`
	Hash   []byte   `json:"hash,omitempty"` // of a link
	Reason string   `json:"reason,omitempty"`

	// Rejected is why a new password was refused. It is not in memory.Refused,
	// because a resumed flow asks for the old password in between.
	Rejected *tg.Error `json:"rejected,omitempty"`
	Fresh    *tg.Error `json:"fresh,omitempty"` // a refusal of the 24-hour rules, which does not say until when

	Request []byte `json:"request,omitempty"` // of WithPassword, in TL

	Answer      []byte    `json:"answer,omitempty"`
	Until       time.Time `json:"until,omitzero"` // see Done
	Unconfirmed bool      `json:"unconfirmed,omitempty"`
}

// taskName says which task a flow does, in JSON as well: names stay.
type taskName string

const (
	taskSetPassword     taskName = "set the password"
	taskRemovePassword  taskName = "remove the password"
	taskRecoverPassword taskName = "recover the password"
	taskRecoveryEmail   taskName = "set the recovery e-mail"
	taskConfirmEmail    taskName = "confirm the recovery e-mail"
	taskChangePhone     taskName = "change the number"
	taskConfirmPhone    taskName = "keep the account"
	taskDeleteAccount   taskName = "delete the account"
	taskLoginEmail      taskName = "change the login e-mail"
	taskWithPassword    taskName = "make a call with the password"
)

// route says what a flow does with a code and with a password.
type route struct {
	send  state // the call that has a code sent
	show  state // the call that shows it
	prove state // the call that takes a password's proof
	code  CodePurpose
}

// routes are those of the tasks; the one of no task is that of a sign-in.
var routes = map[taskName]route{
	"":                  {send: stateSendCode, show: stateSignIn, prove: stateCheckPassword},
	taskSetPassword:     {prove: stateCheckOwner},
	taskRemovePassword:  {prove: stateUpdatePassword},
	taskRecoverPassword: {},
	taskRecoveryEmail:   {prove: stateUpdatePassword},
	taskConfirmEmail:    {},
	taskChangePhone:     {send: stateSendChangeCode, show: stateChangePhone, code: ForNewNumber},
	taskConfirmPhone:    {send: stateSendConfirmCode, show: stateConfirmPhone, code: ForKeeping},
	taskDeleteAccount:   {prove: stateDeleteAccount},
	taskLoginEmail:      {},
	taskWithPassword:    {prove: stateSensitive},
}

// task is the name of the flow's task; empty: it signs in.
func (f *Flow) task() taskName {
	if f.m.Errand == nil {
		return ""
	}
	return f.m.Errand.Name
}

func (f *Flow) route() route { return routes[f.task()] }

// settle notes in the session what a task has changed of it.
func settle(ctx context.Context, c Client, end Done) error {
	switch {
	case end.task == taskChangePhone && end.User != nil:
		return c.Remember(ctx, func(d *session.Data) error {
			if d.User != nil {
				d.User.Phone = text(end.User.Phone)
			}
			return nil
		})
	case end.task == taskDeleteAccount && end.Until.IsZero():
		return c.Remember(ctx, forgetLogin)
	}
	return nil
}

// errandMissing says what the flow lacks to be in state s of its task; empty:
// nothing.
func (f *Flow) errandMissing(s state) string {
	m := &f.m
	r, known := routes[m.Errand.Name]
	switch {
	case !known || m.Errand.Name == "":
		return "a task that this version knows"
	case !slices.Contains([]state{stateSurvey, stateRequestRecovery, stateSendEmailCode, stateSensitive, stateAskPhone, r.send}, m.Start),
		s != m.Start && f.errandMissing(m.Start) != "":
		return "a state to begin anew from"
	case m.Sent != nil && (m.Sent.Google || m.Sent.Apple || m.Sent.ResetAfter != 0 || !m.Sent.ResetAt.IsZero()):
		return "a code that is not for signing in"
	}
	switch s {
	case stateDone:
		return ""
	case stateSurvey:
		return need(r.prove != 0 || m.Errand.Name == taskConfirmEmail, "a task that is about the password")
	case stateWait:
		return need(m.Then != stateWait && f.errandMissing(m.Then) == "", "something to wait for")
	case stateAskChallenge:
		c := m.Challenge
		return need(c != nil && c.Then != stateAskChallenge && c.Then != stateWait && f.errandMissing(c.Then) == "", "a challenge, and something that it was about")
	case stateAskPassword:
		return need(m.Check != nil && r.prove != 0, "the password's parameters, and a use for it")
	case stateRequestRecovery:
		return need(m.Errand.Name == taskRecoverPassword, "a password to recover")
	case stateAskRecoveryCode:
		return need(m.Errand.Name == taskRecoverPassword && m.Mail != nil, "a code that was sent to a mailbox")
	case stateSensitive:
		_, err := methodIn(m.Errand.Request)
		return need(m.Errand.Name == taskWithPassword && err == nil, "a call that wants the password")
	case stateDeleteAccount:
		return need(m.Errand.Name == taskDeleteAccount, "an account to delete")
	case stateSendEmailCode:
		return need(m.Errand.Name == taskLoginEmail, "an address")
	case stateAskEmailCode:
		return need(m.Errand.Name == taskLoginEmail && m.Mail != nil, "a code that was sent to a mailbox")
	case stateAskMailCode, stateResendMail, stateCancelMail:
		return need(m.Sent != nil && r.show == 0, "a code that was sent to a mailbox")
	case stateAskCode, stateResendCode, stateReportMissing, stateCancelCode:
		return need(m.Sent != nil && r.show != 0, "a code that was sent")
	case statePay, stateCheckPaid:
		return need(m.Sent != nil && r.show != 0 && m.Payment != nil, "a code that was sent, and what it costs")
	case stateFreshSince:
		return need(m.Errand.Fresh != nil && r.send != 0, "a refusal to explain")
	case stateAskPhone, r.send:
		return need(r.send != 0, "a number to send a code to")
	}
	return "a state of its task that can be resumed"
}
