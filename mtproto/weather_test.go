package mtproto

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestNothingIsExecutedTwiceInAnyWeather plays a client and a server over a wire
// that breaks at any packet, with clocks that differ, salts that change, and a
// server that now and then forgets everything. In the end every call is answered
// or its outcome is unknown; an answered one was executed once, none twice.
func TestNothingIsExecutedTwiceInAnyWeather(t *testing.T) {
	answers, losses := 0, 0
	for seed := range 300 {
		w := newWorld(t, byte(seed))
		storm(w, rand.New(rand.NewPCG(uint64(seed), 7)))
		a, l := checkWeather(w, seed)
		answers, losses = answers+a, losses+l
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, strings.Join(w.log, "\n"))
		}
	}
	t.Logf("%d answered, %d unknown", answers, losses)
	if losses == 0 || losses > answers/4 {
		t.Errorf("%d outcomes of %d were unknown: the weather is wrong", losses, answers+losses)
	}
}

// storm plays a hundred turns of bad weather, then a calm.
func storm(w *world, dice *rand.Rand) {
	w.skew = time.Duration(dice.IntN(7)-3) * 20 * time.Minute
	slow := map[string]bool{}
	w.reply = func(call string) []byte {
		if slow[call] {
			return nil
		}
		return value("re:" + call)
	}
	for turn := range 100 {
		switch dice.IntN(13) {
		case 0, 1, 2, 3:
			call := fmt.Sprint("call ", turn)
			slow[call] = dice.IntN(4) == 0
			w.send(call)
		case 4:
			w.brew(dice)
			w.cut()
		case 5:
			if !w.up {
				w.dial()
			}
		case 6:
			w.brew(dice)
		case 7:
			w.wait(time.Duration(dice.IntN(100)) * time.Second)
		case 8:
			w.server.NewSalt(w.now, w.key.ID())
		case 9:
			if dice.IntN(8) == 0 {
				w.restart(byte(turn))
			}
		case 10:
			if len(w.asked) > 0 {
				q := w.asked[dice.IntN(len(w.asked))]
				slow[readValue(q.Body)] = false
				w.server.Answer(w.now, q.Query, value("re:"+readValue(q.Body)))
			}
		case 11:
			w.run()
		case 12:
			w.skew += time.Duration(dice.IntN(4)) * time.Minute
		}
	}
	for _, q := range w.asked {
		w.server.Answer(w.now, q.Query, value("re:"+readValue(q.Body)))
	}
	clear(slow)
	w.cut()
	w.dial()
	w.wait(3 * time.Minute)
	if w.count("stalled") == 0 && w.up {
		return
	}
	w.cut()
	w.dial()
	w.wait(3 * time.Minute)
}

// brew lets a few packets through, so that a cut can come anywhere.
func (w *world) brew(dice *rand.Rand) {
	for range dice.IntN(5) {
		switch dice.IntN(4) {
		case 0:
			w.drainClient()
		case 1:
			w.drainServer()
		case 2:
			if len(w.toServer) > 0 && w.up {
				packet := w.toServer[0]
				w.toServer = w.toServer[1:]
				w.server.Receive(w.now, w.socket, packet)
			}
		case 3:
			if len(w.toClient) > 0 && w.up {
				packet := w.toClient[0]
				w.toClient = w.toClient[1:]
				if err := w.conn.Receive(w.clientNow(), packet); err != nil {
					w.record("client: " + err.Error())
					w.cut()
				}
			}
		}
	}
}

// restart makes the server forget all but its keys. It takes a moment, so that
// no message id comes twice.
func (w *world) restart(seed byte) {
	w.drainServer()
	w.now = w.now.Add(time.Second)
	w.server = NewServer(ServerParams{Random: newChance(seed)})
	w.server.AddKey(w.now, w.key, 0, time.Time{})
	w.asked = nil
	w.record("server: restarts")
	if w.up {
		w.cut()
	}
}

func checkWeather(w *world, seed int) (answers, losses int) {
	if n := w.conn.Pending(); n != 0 {
		w.t.Errorf("%d requests never ended", n)
	}
	for call, n := range w.ran {
		if n > 1 {
			w.t.Errorf("%s was executed %d times", call, n)
		}
	}
	for _, line := range w.ended {
		switch {
		case strings.HasPrefix(line, "answer"):
			answers++
			_, call, _ := strings.Cut(line, "re:")
			if w.ran[call] != 1 {
				w.t.Errorf("%s: executed %d times", line, w.ran[call])
			}
		case strings.HasPrefix(line, "lost"):
			losses++
		default:
			w.t.Errorf("a request ended with %q", line)
		}
	}
	if n := w.count("client: "); n != 0 {
		w.t.Error("the client saw a violation")
	}
	return answers, losses
}
