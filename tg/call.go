package tg

import (
	"context"
	"fmt"
	"reflect"
)

// Invoker makes calls: it takes a request in TL, brings it to Telegram and
// returns the answer in TL. The request is the Invoker's from the call on, with
// the capacity behind it, where the answer may come: a request is not used for a
// second call. The answer is the caller's. A refusal by Telegram is an [*Error].
type Invoker interface {
	Invoke(ctx context.Context, request []byte) (answer []byte, err error)
}

// Method is a pointer to the struct of an API method whose answer is an R.
type Method[R any] interface{ answers(R) }

// Call makes the call m through c. R follows from m:
//
//	sent, err := tg.Call(ctx, c, &tg.AuthSendCode{ … }) // sent is an AnyAuthSentCode
//
// What the answer is made of shares memory: see Decode of [tl.Schema] before keeping
// a little of a large answer for long.
//
// Errors: what c returns, most often an [*Error]; and errors that begin with the
// method's name when m cannot be written or the answer cannot be read.
func Call[R any](ctx context.Context, c Invoker, m Method[R]) (R, error) {
	var answer R
	request, err := Schema.Append(make([]byte, 0, 256), m)
	if err != nil {
		return answer, fmt.Errorf("request: %w", err)
	}
	b, err := c.Invoke(ctx, request)
	if err != nil {
		return answer, err
	}
	if err := Schema.Decode(b, &answer); err != nil {
		return answer, fmt.Errorf("answer to %s: %w", reflect.TypeOf(m).Elem().Name(), err)
	}
	return answer, nil
}
