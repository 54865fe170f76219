package telekey

import (
	"context"
	"fmt"
	"maps"

	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// Call makes a call by name, as the schema spells it: see [tl.Map] for how
// parameters and answers look in Go. api_id and api_hash are the client's, where
// the method has them and params does not.
//
//	full, err := c.Call(ctx, "users.getFullUser", tl.Map{"id": tl.Map{"_": "inputUserSelf"}})
//
// The answer is a [tl.Map], or a bool, []any and so on where the method answers
// that. A mistake in params is an error that names the field, and nothing is
// sent then.
func (c *Client) Call(ctx context.Context, method string, params tl.Map) (any, error) {
	return c.with().call(ctx, method, params)
}

func (v *view) call(ctx context.Context, method string, params tl.Map) (any, error) {
	d, err := tg.Schema.Lookup(method)
	if err != nil {
		return nil, err
	}
	if d == nil || !d.Function {
		return nil, fmt.Errorf("got the method %q, want one of layer %d, such as help.getConfig", method, tg.Layer)
	}
	request, err := tg.Schema.AppendMap(nil, v.client.completed(d, params))
	if err != nil {
		return nil, err
	}
	answer, err := v.Invoke(ctx, request)
	if err != nil {
		return nil, err
	}
	r := tl.NewReader(answer)
	value := tg.Schema.ReadValue(r, d.Result)
	if r.Err() == nil && r.Len() > 0 {
		r.Fail(fmt.Errorf("got %d bytes after the value, want none", r.Len()))
	}
	if r.Err() != nil {
		return nil, fmt.Errorf("answer to %s: %w", method, r.Err())
	}
	return value, nil
}

// completed returns params with the method's name, and with the application's
// id and hash where d has them and params does not.
func (c *Client) completed(d *tl.Definition, params tl.Map) tl.Map {
	m := maps.Clone(params)
	if m == nil {
		m = tl.Map{}
	}
	m["_"] = d.Name
	for _, p := range d.Params {
		if _, given := m[p.Name]; given {
			continue
		}
		switch p.Name {
		case "api_id":
			m[p.Name] = int32(c.cfg.AppID)
		case "api_hash":
			m[p.Name] = c.appHash.Reveal()
		}
	}
	return m
}
