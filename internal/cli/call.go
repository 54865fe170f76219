package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

func (p *program) callCommand() *cobra.Command {
	var f connection
	cmd := &cobra.Command{
		Use:   "call METHOD [JSON|-]",
		Short: "Call a method of Telegram's API by name",
		Long: `Call a method of Telegram's API by name, and print the answer as JSON.

Names and fields are the schema's own; an object says by "_" which constructor it
is. Parameters are the second argument, or come from standard input with "-".
api_id and api_hash are filled in where the method has them.

Longs beyond 2^53 are strings of digits, because many readers of JSON round such
numbers; bytes are base64. Both are taken in the same form.`,
		Example: `  telekey call help.getNearestDc
  telekey call users.getFullUser '{"id":{"_":"inputUserSelf"}}' --session me.session
  echo '{"dc_id":3}' | telekey call auth.exportAuthorization -`,
		Args: arguments(1, 2),
		RunE: p.run(func(ctx context.Context, args []string) error { return p.call(ctx, &f, args) }),
	}
	f.add(cmd)
	return cmd
}

func (p *program) call(ctx context.Context, f *connection, args []string) error {
	method := args[0]
	params, err := p.parameters(method, args[1:])
	if err != nil {
		return err
	}
	c, hangUp, err := p.dial(ctx, f)
	if err != nil {
		return err
	}
	answer, err := c.Call(ctx, method, params)
	if err := errors.Join(err, hangUp()); err != nil {
		return err
	}
	document, err := tl.AppendJSON(nil, answer)
	if err != nil {
		return fmt.Errorf("the answer cannot be written as JSON: %w", err)
	}
	_, err = p.out.Write(append(document, '\n'))
	return err
}

// maxParameters bounds what is read from standard input, in bytes.
const maxParameters = 16 << 20

// parameters reads a method's parameters and looks for mistakes in them, before
// anything is sent.
func (p *program) parameters(method string, args []string) (tl.Map, error) {
	d, err := tg.Schema.Lookup(method)
	if err != nil {
		return nil, err
	}
	if d == nil || !d.Function {
		return nil, usage("got the method %q, want one of layer %d, such as help.getConfig", method, tg.Layer)
	}
	var text []byte
	if len(args) > 0 {
		text = []byte(args[0])
	}
	if string(text) == "-" {
		text, err = io.ReadAll(io.LimitReader(p.in, maxParameters+1))
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		if len(text) > maxParameters {
			return nil, usage("standard input: got more than %d bytes, want one JSON object", maxParameters)
		}
	}
	params, err := tg.Schema.ParseJSON(method, text)
	if err == nil {
		err = tryToWrite(d, params)
	}
	if err != nil {
		return nil, usage("%v", err)
	}
	return params, nil
}

// tryToWrite finds what is missing. What the client fills in is not.
func tryToWrite(d *tl.Definition, params tl.Map) error {
	complete := tl.Map{"api_id": int32(0), "api_hash": ""}
	maps.DeleteFunc(complete, func(name string, _ any) bool { return !hasParam(d, name) })
	maps.Copy(complete, params)
	_, err := tg.Schema.AppendMap(nil, complete)
	return err
}

func hasParam(d *tl.Definition, name string) bool {
	for _, p := range d.Params {
		if p.Name == name {
			return true
		}
	}
	return false
}
