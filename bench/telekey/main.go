// Command telekey is the client of the benchmark that is made with telekey.
package main

import (
	"context"
	"errors"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/bench/task"
	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/tg"
)

func main() {
	task.Main(map[string]task.Func{
		"connect":    task.Dial(dial).Connect,
		"parallel":   task.Dial(dial).Parallel,
		"sequential": task.Dial(dial).Sequential,
		"idle":       task.Dial(dial).Idle,
		"proof":      task.Proof(proof),
		"decode":     task.Decode(task.Message228, decode),
		"encode":     task.Encode(encode),
		"factor":     task.Factor(factor),
		"prime":      task.Prime(crypt.CheckGroup),
		"seal":       task.Repeat(seal()),
	})
}

type client struct{ *telekey.Client }

func dial(ctx context.Context, n dc.Network, key any) (task.Client, error) {
	store := new(session.Memory)
	if data, ok := key.(session.Data); ok {
		if err := fill(ctx, store, data); err != nil {
			return nil, err
		}
	}
	c, err := telekey.Dial(ctx, telekey.Config{Network: n, Session: store})
	if err != nil {
		return nil, err
	}
	return client{c}, nil
}

// fill puts data into an empty store.
func fill(ctx context.Context, store session.Store, data session.Data) error {
	held, err := store.Hold(ctx)
	if err != nil {
		return err
	}
	err = held.Update(ctx, func(d *session.Data) error {
		*d = data.Clone()
		return nil
	})
	return errors.Join(err, held.Release(ctx))
}

func (c client) Nearest(ctx context.Context) (int, error) {
	near, err := tg.Call(ctx, c, &tg.HelpGetNearestDC{})
	if err != nil {
		return 0, err
	}
	return int(near.ThisDC), nil
}

func (c client) Key() any { return c.Session() }

func (c client) Close() { c.Client.Close() }

func proof(p task.Password) (A, M1 []byte, err error) {
	return auth.SRP(auth.SRPParams{
		G: p.G, P: p.P, Salt1: p.Salt1, Salt2: p.Salt2, GB: p.B, Password: auth.Secret(p.Password),
	})
}

func factor(pq uint64) (p, q uint64, err error) {
	p, q, ok := crypt.Factor(pq)
	if !ok {
		return 0, 0, errors.New("not the product of two primes")
	}
	return p, q, nil
}

// seal does what mtproto does with a packet, in place.
func seal() func() error {
	var key [256]byte
	for i := range key {
		key[i] = byte(i * 7)
	}
	plain := make([]byte, 32+task.SealedBody+16)
	return func() error {
		msgKey, _ := crypt.MessageKey(&key, crypt.FromClient, plain)
		aesKey, iv := crypt.MessageAES(&key, &msgKey, crypt.FromClient)
		crypt.EncryptIGE(plain, plain, &aesKey, &iv)
		return nil
	}
}
