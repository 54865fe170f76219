package mtproto

import (
	"testing"
	"time"
)

// BenchmarkCalls measures both ends of a call with 64 in flight, without a wire.
func BenchmarkCalls(b *testing.B) {
	key := testKey(1)
	server := NewServer(ServerParams{Random: newChance(1)})
	server.AddKey(start, key, 1, time.Time{})
	conn := NewConn(start, Params{Key: key, Salt: 1, Random: newChance(2)})
	conn.Up(start)
	call, answer := value("a call of some eighty bytes, as they are sent when somebody signs in to Telegram"), value("ok")
	b.ReportAllocs()
	for flying, i := 0, 0; i < b.N; {
		for ; flying < 64; flying++ {
			conn.Send(start, call)
		}
		for e, ok := conn.Next(); ok; e, ok = conn.Next() {
			switch e.Kind {
			case Write:
				if err := server.Receive(start, 1, e.Body); err != nil {
					b.Fatal(err)
				}
			case Answer:
				flying--
				i++
			}
		}
		for e, ok := server.Next(); ok; e, ok = server.Next() {
			switch e.Kind {
			case Asked:
				server.Answer(start, e.Query, answer)
			case Write:
				if err := conn.Receive(start, e.Body); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
