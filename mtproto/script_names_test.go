package mtproto

import (
	"fmt"
	"strings"

	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

// names gives numbers that are random or times, such as message ids, short names in
// the order in which they appear.
type names struct {
	messages map[MsgID]string
	others   map[string]map[int64]string // by kind
	client   int
	server   int
}

func newNames() names {
	return names{messages: map[MsgID]string{}, others: map[string]map[int64]string{}}
}

// of names a message: c1 and so on of the client, s1 of the server.
func (n *names) of(id MsgID) string {
	if n.messages[id] == "" {
		if id&3 == fromClient {
			n.client++
			n.messages[id] = fmt.Sprint("c", n.client)
		} else {
			n.server++
			n.messages[id] = fmt.Sprint("s", n.server)
		}
	}
	return n.messages[id]
}

// other names another number of a kind.
func (n *names) other(kind string, v int64) string {
	if n.others[kind] == nil {
		n.others[kind] = map[int64]string{}
	}
	known := n.others[kind]
	if known[v] == "" {
		known[v] = fmt.Sprint(kind, len(known)+1)
	}
	return known[v]
}

// describe returns a message in words: the method of a call, an answer, or one of
// MTProto's own messages with its fields.
func (n *names) describe(body []byte) string {
	switch constructor(body) {
	case mt.IDRPCResult:
		r := tl.NewReader(body)
		r.Uint32()
		id := MsgID(r.Long())
		return fmt.Sprintf("rpc_result of %s: %s", n.of(id), n.describe(body[r.Offset():]))
	case 0xca11ab1e:
		return readValue(body)
	}
	r := tl.NewReader(body)
	v := mt.Schema.ReadValue(r, tl.Type{Kind: tl.KindAny})
	if r.Err() != nil {
		return fmt.Sprintf("%x", body)
	}
	m, ok := v.(tl.Map)
	if !ok {
		return fmt.Sprint(v)
	}
	def, err := mt.Schema.LookupID(constructor(body))
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	b.WriteString(def.Name)
	for _, p := range def.Params {
		fmt.Fprintf(&b, " %s=%s", p.Name, n.field(p.Name, m[p.Name]))
	}
	return b.String()
}

// field returns the value of a field in words.
func (n *names) field(name string, v any) string {
	switch v := v.(type) {
	case int64:
		switch {
		case strings.HasSuffix(name, "msg_id"):
			return n.of(MsgID(v))
		case strings.HasSuffix(name, "salt"):
			return n.other("salt", v)
		case name == "ping_id":
			return n.other("ping", v)
		case name == "unique_id":
			return n.other("session", v)
		}
	case []any:
		var list []string
		for _, item := range v {
			id, isID := item.(int64)
			if !isID {
				return fmt.Sprintf("%d of them", len(v))
			}
			list = append(list, n.of(MsgID(id)))
		}
		return "[" + strings.Join(list, " ") + "]"
	case []byte:
		if name == "info" {
			return states(v)
		}
		return fmt.Sprintf("%x", v)
	}
	return fmt.Sprint(v)
}

// states puts the states of messages into words.
// https://core.telegram.org/mtproto/service_messages_about_messages#informational-message-regarding-status-of-messages
func states(info []byte) string {
	var list []string
	for _, b := range info {
		words := []string{[]string{1: "unknown", 2: "not received", 3: "not received, too high", 4: "received"}[b&7]}
		for i, word := range []string{"acknowledged", "needs no acknowledgement", "running", "answered", "known to be received"} {
			if b&(8<<i) != 0 {
				words = append(words, word)
			}
		}
		list = append(list, strings.Join(words, ", "))
	}
	return "[" + strings.Join(list, "; ") + "]"
}
