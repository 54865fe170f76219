package auth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// Calls that want the password with them, such as giving a channel away. They are
// made with an empty one first: Telegram then says whether they could be made at
// all, before anybody is asked for anything.
//
// https://core.telegram.org/api/srp#using-the-2fa-password

// CallWithPassword makes a call whose method has a field Password, which it fills
// in: a is asked for the password, if Telegram would take the call with it.
//
//	_, err := auth.CallWithPassword(ctx, client, &tg.MessagesEditChatCreator{ … }, asker)
//
// Errors are as those of [Run]: a [*TooFreshError] while the login or the password
// is younger than 24 hours, tg.ErrPasswordMissing when the account has none. It is
// the Task [WithPassword], and may be run as one.
func CallWithPassword[R any](ctx context.Context, c Client, m tg.Method[R], a Asker) (R, error) {
	var answer R
	end, err := Run(ctx, c, WithPassword(m), a)
	if err != nil {
		return answer, err
	}
	if err := tg.Schema.Decode([]byte(end.Answer), &answer); err != nil {
		return answer, fmt.Errorf("answer to %s: %w", constructor(m), err)
	}
	return answer, nil
}

// WithPassword is [CallWithPassword] as a Task: method is a pointer to the
// method's struct, whose answer is in [Done].
func WithPassword(method any) Task { return withPassword{method} }

type withPassword struct{ method any }

func (t withPassword) set(f *Flow) state {
	f.m.Errand.Name = taskWithPassword
	if !takesPassword(t.method) {
		f.fail(fmt.Errorf("got a %T, want a method of tg with a field Password", t.method))
		return stateFailed
	}
	request, err := tg.Schema.Append(nil, provedBy(t.method, nil))
	if err == nil && len(request) > maxRequest {
		err = fmt.Errorf("got a request of %d bytes, want at most %d", len(request), maxRequest)
	}
	if err != nil {
		f.fail(err)
		return stateFailed
	}
	f.m.Errand.Request = request
	return stateSensitive
}

// maxRequest bounds what a flow remembers of a call.
const maxRequest = 1 << 16

// passwordField is the field of a method's struct that the proof goes into.
func passwordField(method reflect.Value) reflect.Value {
	if method.Kind() != reflect.Pointer || method.IsNil() || method.Elem().Kind() != reflect.Struct {
		return reflect.Value{}
	}
	field := method.Elem().FieldByName("Password")
	if !field.IsValid() || field.Type() != reflect.TypeFor[tg.AnyInputCheckPasswordSRP]() {
		return reflect.Value{}
	}
	return field
}

func takesPassword(method any) bool {
	d := tg.Schema.DefinitionOf(method)
	return d != nil && d.Function && passwordField(reflect.ValueOf(method)).IsValid()
}

// provedBy is a copy of method with a proof in it, or with an empty one.
func provedBy(method any, proof *tg.InputCheckPasswordSRP) any {
	whole := reflect.New(reflect.TypeOf(method).Elem())
	whole.Elem().Set(reflect.ValueOf(method).Elem())
	var password tg.AnyInputCheckPasswordSRP = &tg.InputCheckPasswordEmpty{}
	if proof != nil {
		password = proof
	}
	passwordField(whole).Set(reflect.ValueOf(password))
	return whole.Interface()
}

// methodIn reads the call that a flow remembers.
func methodIn(request []byte) (any, error) {
	if len(request) > maxRequest {
		return nil, fmt.Errorf("got %d bytes, want at most %d", len(request), maxRequest)
	}
	r := tl.NewReader(request)
	method := tg.Schema.Read(r)
	if r.Err() != nil {
		return nil, r.Err()
	}
	if r.Len() > 0 || !takesPassword(method) {
		return nil, errors.New("want a method with a field Password")
	}
	return method, nil
}

func (f *Flow) nextSensitive() Step {
	method, err := methodIn(f.m.Errand.Request)
	if err != nil {
		return Failed{err}
	}
	whole := provedBy(method, f.proof)
	return Call{Method: whole, do: func(ctx context.Context, _ Client, through tg.Invoker, _ int) (any, error) {
		request, err := tg.Schema.Append(nil, whole)
		if err != nil {
			return nil, err
		}
		return through.Invoke(ctx, request)
	}}
}

// sensitiveDone takes the answer in TL, as it came: what it is, who made the call
// knows.
func (f *Flow) sensitiveDone(_ time.Time, result any) error {
	answer, ok := result.([]byte)
	if !ok {
		return unexpected(result, "the answer in TL")
	}
	f.m.Errand.Answer = answer
	return f.finish()
}

// sensitiveRefused asks for the password once Telegram says that only that is
// wrong.
//
// https://core.telegram.org/method/messages.editChatCreator#possible-errors
func (f *Flow) sensitiveRefused(e *tg.Error) bool {
	if e.Type == tg.ErrPasswordHashInvalid && f.proof == nil {
		f.first(stateSurvey)
		return true
	}
	return f.proofRefused(e)
}
