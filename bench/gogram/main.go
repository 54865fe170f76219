// Command gogram is the client of the benchmark that is made with gogram.
package main

import (
	"context"

	mtproto "github.com/amarnathcjd/gogram"
	"github.com/amarnathcjd/gogram/telegram"

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
		"decode":     task.Decode(task.Message220, decode),
		"encode":     task.Encode(encode),
	})
}

type client struct{ *telegram.Client }

// timeout is how long a call may take, in seconds. The default is 60: as long
// would a task last in which one answer is lost.
const timeout = 5

// dial makes a client whose connection is replaced before it is used:
// ClientConfig.PublicKeys is overwritten with Telegram's own, so that only the
// connection itself can be given a key. key is a string session.
func dial(_ context.Context, n dc.Network, key any) (task.Client, error) {
	c, err := telegram.NewClient(telegram.ClientConfig{
		AppID: 12345, AppHash: "0123456789abcdef0123456789abcdef", MemorySession: true,
		NoUpdates: true, DisableCache: true, NoPreconnect: true, LogLevel: telegram.LogDisable,
	})
	if err != nil {
		return nil, err
	}
	endpoint, _ := n.Endpoint(2)
	session, _ := key.(string)
	c.MTProto, err = mtproto.NewMTProto(mtproto.Config{
		AppID: 12345, MemorySession: true, StringSession: session, DataCenter: 2,
		ServerHost: endpoint.Addr, CustomHost: true, PublicKey: n.Keys[0],
		Logger: c.Log.CloneInternal(), Timeout: timeout, ReqTimeout: timeout,
	})
	if err != nil {
		return nil, err
	}
	if err := c.Connect(); err != nil {
		c.Terminate()
		return nil, err
	}
	return client{c}, nil
}

func (c client) Nearest(context.Context) (int, error) {
	near, err := c.HelpGetNearestDc()
	if err != nil {
		return 0, err
	}
	return int(near.ThisDc), nil
}

func (c client) Key() any { return c.ExportSession() }

func (c client) Close() { c.Terminate() }

func proof(p task.Password) (A, M1 []byte, err error) {
	made, err := telegram.GetInputCheckPassword(p.Password, &telegram.AccountPassword{
		CurrentAlgo: &telegram.PasswordKdfAlgoSHA256SHA256Pbkdf2Hmacsha512Iter100000SHA256ModPow{
			Salt1: p.Salt1, Salt2: p.Salt2, G: int32(p.G), P: p.P,
		},
		SRPB: p.B,
	})
	if err != nil {
		return nil, nil, err
	}
	srp := made.(*telegram.InputCheckPasswordSRPObj)
	return srp.A, srp.M1, nil
}
