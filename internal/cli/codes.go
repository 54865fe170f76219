package cli

import (
	"context"
	"io"
	"os"

	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/internal/input"
)

// codeReader reads codes from a file, a line each, and not before they were sent:
// the file may be a pipe with a program at its other end that looks for them.
type codeReader struct {
	open func() (io.ReadCloser, error) // nil: there is no such file
	code auth.CodeAnswer               // that of --code; empty: none
	next auth.Asker                    // nil: nobody

	file  io.Closer
	lines *input.Lines
	left  bool // a read that nobody waits for any more has them
}

// checkCodeFile looks for mistakes before a code is sent. It does not open the
// file, which is not ready before that.
func (p *program) checkCodeFile(name string) error {
	switch name {
	case "":
		return nil
	case "-":
		return p.takeInput("--code-file")
	}
	if _, err := os.Stat(name); err != nil {
		return config("--code-file: %v", err)
	}
	return nil
}

// opener opens the file of codes; nil if there is none.
func (p *program) opener(name string) func() (io.ReadCloser, error) {
	switch name {
	case "":
		return nil
	case "-":
		return func() (io.ReadCloser, error) { return io.NopCloser(p.in), nil }
	}
	return func() (io.ReadCloser, error) { return os.Open(name) }
}

// Ask answers a question for a code that is asked for the first time.
func (r *codeReader) Ask(ctx context.Context, q auth.Question) (auth.Answer, error) {
	code, ok := q.(auth.CodeQuestion)
	switch {
	case ok && code.Refused == nil && r.open != nil:
		return r.await(ctx)
	case ok && code.Refused == nil && !r.code.IsZero() && code.Purpose != auth.ForSignIn && code.Purpose != auth.ForEmail:
		return r.code, nil // Answers has it for signing in alone
	case r.next == nil:
		return nil, &auth.UnansweredError{Question: q}
	}
	return r.next.Ask(ctx, q)
}

// await reads in a goroutine, so that ctx can end the waiting.
func (r *codeReader) await(ctx context.Context) (auth.Answer, error) {
	type line struct {
		code auth.CodeAnswer
		err  error
	}
	read := make(chan line, 1)
	go func() {
		code, err := r.read()
		read <- line{code, err}
	}()
	select {
	case l := <-read:
		return l.code, l.err
	case <-ctx.Done():
		r.left = true
		return nil, ctx.Err()
	}
}

func (r *codeReader) read() (auth.CodeAnswer, error) {
	if r.lines == nil {
		file, err := r.open()
		if err != nil {
			return auth.CodeAnswer{}, config("--code-file: %v", err)
		}
		r.file, r.lines = file, input.NewLines(file, maxSecret)
	}
	for {
		line, err := r.lines.Next()
		switch code := input.Trim(string(line)); {
		case err == io.EOF:
			return auth.CodeAnswer{}, unanswered("Telegram has sent a code and --code-file has no line for it")
		case err != nil:
			return auth.CodeAnswer{}, config("--code-file: %v", err)
		case code != "": // an empty line is no code
			return auth.Code(code), nil
		}
	}
}

// Close closes the file.
func (r *codeReader) Close() {
	if !r.left && r.file != nil {
		r.file.Close()
	}
}
