package emulator

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Codes returns the codes sent to a phone, oldest first; of all phones for "".
// The last thousand are remembered.
func (s *Server) Codes(phone string) []Code {
	var codes []Code
	number, err := checkPhone(phone)
	if err != nil && phone != "" {
		return nil
	}
	if err == nil {
		phone = number.String()
	}
	_ = s.ask(func(time.Time) { codes = s.world.outbox.after(phone, 0) })
	return codes
}

// WaitCode returns the newest code of a phone that can still be typed in, and
// waits for one if there is none. Typed in, cancelled, expired or replaced codes
// are passed over: a test may call WaitCode after each sign-in's auth.sendCode.
func (s *Server) WaitCode(ctx context.Context, phone string) (Code, error) {
	number, err := checkPhone(phone)
	if err != nil {
		return Code{}, fmt.Errorf("emulator: %w", err)
	}
	return s.await(ctx, number.String(), s.usableCode)
}

// WaitCodes returns the codes sent to a phone (all phones for "") after the one
// whose ID is after, whatever became of them, and waits for one if there is
// none: with the last ID each time, nothing is missed.
func (s *Server) WaitCodes(ctx context.Context, phone string, after int) ([]Code, error) {
	if phone != "" {
		number, err := checkPhone(phone)
		if err != nil {
			return nil, fmt.Errorf("emulator: %w", err)
		}
		phone = number.String()
	}
	first, err := s.await(ctx, phone, func(_ time.Time, phone string) (Code, bool) {
		codes := s.world.outbox.after(phone, after)
		if len(codes) == 0 {
			return Code{}, false
		}
		return codes[0], true
	})
	if err != nil {
		return nil, err
	}
	var codes []Code
	err = s.ask(func(time.Time) { codes = s.world.outbox.after(phone, after) })
	if err == nil && len(codes) == 0 { // so many came since that it is not remembered any more
		codes = []Code{first}
	}
	return codes, err
}

// await returns the code that is there, or the next one that is sent to phone.
// The owner calls there.
func (s *Server) await(ctx context.Context, phone string, there func(now time.Time, phone string) (Code, bool)) (Code, error) {
	wait := &waiter{phone: phone, got: make(chan Code, 1)}
	outbox := &s.world.outbox
	err := s.ask(func(now time.Time) {
		if c, ok := there(now, phone); ok {
			wait.got <- c
		} else {
			outbox.waiters = append(outbox.waiters, wait)
		}
	})
	if err != nil {
		return Code{}, err
	}
	select {
	case c := <-wait.got:
		return c, nil
	case <-s.closing:
		return Code{}, ErrClosed
	case <-ctx.Done():
		select {
		case c := <-wait.got: // it was there, or came at the last moment
			return c, nil
		default:
		}
		s.tell(func(time.Time) { outbox.waiters = without(outbox.waiters, wait) })
		return Code{}, fmt.Errorf("emulator: no code was sent to %s: %w", cmp.Or(phone, "anyone"), ctx.Err())
	}
}

// usableCode returns the newest code of a phone that can be typed in.
func (s *Server) usableCode(now time.Time, phone string) (newest Code, ok bool) {
	now = s.world.accountTime(now)
	consider := func(c Code, lost bool) {
		if c.Phone == phone && !lost && c.ID > newest.ID {
			newest, ok = c, true
		}
	}
	var mails []*mailCode
	for _, centre := range s.centres {
		for _, k := range centre.keys {
			mails = append(mails, k.mailCodes()...)
			for _, r := range k.requests {
				mails = append(mails, r.setup)
				if r.state == codeSent && r.open(now) {
					consider(r.sent, r.lost)
				}
			}
		}
	}
	if a := s.world.accounts.byPhone[phoneNumber(phone[1:])]; a != nil && a.change != nil {
		mails = append(mails, a.change.code)
	}
	for _, m := range mails {
		if m.open(now) {
			consider(m.sent, m.lost)
		}
	}
	return newest, ok
}
