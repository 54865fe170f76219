package auth

import (
	"context"
	"fmt"
)

// Answers is an [Asker] for scripts and tests, which has its answers ready:
//
//	auth.Answers{Code: auth.Code("22222"), Password: auth.Secret("correct horse")}
//
// Each is given once: a question that is asked again, because its answer was
// refused, or that has none here goes to Else.
type Answers struct {
	Phone               string
	Code                CodeAnswer
	Password            SecretAnswer // a copy is given, this one stays; as of NewPassword's
	NewPassword         NewPassword
	FirstName, LastName string
	AcceptTerms         bool
	Email               string // for the login e-mail that Telegram wants; its code is for Else

	// Else answers the rest, such as a Terminal; nil: they fail with an
	// [*UnansweredError].
	Else Asker
}

// UnansweredError says that [Answers] has no answer to a question, or that the
// one it had was refused: the question's field Refused says so, and is what the
// error unwraps to.
type UnansweredError struct{ Question Question }

// Error says what is missing or was refused.
func (e *UnansweredError) Error() string {
	if refused := e.Question.refusal(); refused != nil {
		return fmt.Sprintf("%s was refused: %v", subject(e.Question), refused)
	}
	return fmt.Sprintf("%s was asked for, and there is no answer ready", subject(e.Question))
}

// Unwrap returns the [*tg.Error] that refused the answer, or nil.
func (e *UnansweredError) Unwrap() error {
	if refused := e.Question.refusal(); refused != nil {
		return refused
	}
	return nil
}

// Ask answers q.
func (a Answers) Ask(ctx context.Context, q Question) (Answer, error) {
	if q.refusal() == nil {
		if answer := a.ready(q); answer != nil {
			return answer, nil
		}
	}
	if a.Else != nil {
		return a.Else.Ask(ctx, q)
	}
	return nil, &UnansweredError{q}
}

// ready is the answer to q, or nil.
func (a Answers) ready(q Question) Answer {
	switch q := q.(type) {
	case PhoneQuestion:
		if a.Phone != "" {
			return PhoneNumber(a.Phone)
		}
	case CodeQuestion:
		// On the way to a sign-in there may be other codes than its own.
		if !a.Code.IsZero() && q.Purpose != ForEmail && q.Purpose != ForRecovery {
			return a.Code
		}
	case PasswordQuestion:
		if !a.Password.IsZero() {
			return a.Password.Clone()
		}
	case NewPasswordQuestion:
		if !a.NewPassword.Password.IsZero() {
			n := a.NewPassword
			n.Password = n.Password.Clone()
			return n
		}
	case TermsQuestion:
		if a.AcceptTerms {
			return Accept{}
		}
	case EmailQuestion:
		if a.Email != "" {
			return Email(a.Email)
		}
	case NameQuestion:
		if a.FirstName != "" {
			return Name{First: a.FirstName, Last: a.LastName}
		}
	}
	return nil
}
