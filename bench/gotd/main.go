// Command gotd is the client of the benchmark that is made with gotd/td.
package main

import (
	"context"
	"crypto/rand"
	"math/big"
	"net"
	"strconv"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/crypto"
	"github.com/gotd/td/crypto/srp"
	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/tg"

	"github.com/telekey/telekey/bench/task"
	"github.com/telekey/telekey/dc"
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
		"prime":      task.Prime(prime),
		"seal":       task.Repeat(seal()),
	})
}

// client is a client whose Run runs until Close.
type client struct {
	api   *tg.Client
	store *session.StorageMemory
	close context.CancelFunc
	ended chan error
}

// dial connects; key is a store with a session in it.
func dial(ctx context.Context, n dc.Network, key any) (task.Client, error) {
	store := new(session.StorageMemory)
	if known, ok := key.(*session.StorageMemory); ok {
		store = known.Clone()
	}
	options := telegram.Options{DC: 2, DCList: list(n), SessionStorage: store, NoUpdates: true}
	for _, k := range n.Keys {
		options.PublicKeys = append(options.PublicKeys, telegram.PublicKey{RSA: k})
	}
	c := telegram.NewClient(12345, "0123456789abcdef0123456789abcdef", options)
	life, end := context.WithCancel(context.Background())
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- c.Run(life, func(ctx context.Context) error {
			close(up)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	select {
	case <-up:
		return client{tg.NewClient(c), store, end, ended}, nil
	case err := <-ended:
		end()
		return nil, err
	case <-ctx.Done():
		end()
		return nil, ctx.Err()
	}
}

func list(n dc.Network) (l dcs.List) {
	for _, o := range n.DCs {
		host, port, _ := net.SplitHostPort(o.Addr)
		number, _ := strconv.Atoi(port)
		l.Options = append(l.Options, tg.DCOption{ID: o.ID, IPAddress: host, Port: number, Static: true})
	}
	return l
}

func (c client) Nearest(ctx context.Context) (int, error) {
	near, err := c.api.HelpGetNearestDC(ctx)
	if err != nil {
		return 0, err
	}
	return near.ThisDC, nil
}

func (c client) Key() any { return c.store }

func (c client) Close() {
	c.close()
	<-c.ended
}

func proof(p task.Password) (A, M1 []byte, err error) {
	random := make([]byte, 256)
	if _, err := rand.Read(random); err != nil {
		return nil, nil, err
	}
	made, err := srp.NewSRP(rand.Reader).Hash([]byte(p.Password), p.B, random, srp.Input{Salt1: p.Salt1, Salt2: p.Salt2, G: p.G, P: p.P})
	return made.A, made.M1, err
}

func factor(pq uint64) (p, q uint64, err error) {
	a, b, err := crypto.DecomposePQ(new(big.Int).SetUint64(pq), rand.Reader)
	if err != nil {
		return 0, 0, err
	}
	return a.Uint64(), b.Uint64(), nil
}

func prime(p []byte, g int) error { return crypto.CheckDH(g, new(big.Int).SetBytes(p)) }

// raw is a body that is written already.
type raw []byte

func (r raw) Encode(b *bin.Buffer) error { b.Put(r); return nil }

func seal() func() error {
	var key crypto.Key
	for i := range key {
		key[i] = byte(i * 7)
	}
	k, c := key.WithID(), crypto.NewClientCipher(crypto.DefaultRand())
	body := raw(make([]byte, task.SealedBody))
	b := new(bin.Buffer)
	return func() error {
		return c.Encrypt(k, crypto.EncryptedMessageData{MessageDataLen: task.SealedBody, Message: body}, b)
	}
}
