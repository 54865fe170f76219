package mtproto

import "github.com/telekey/telekey/internal/mt"

// notes are the small things that one end has to tell the other.
type notes struct {
	wanted []MsgID             // messages to be sent again to us
	infos  []*mt.MsgsStateInfo // answers to questions about messages
	drops  []MsgID             // requests that were cancelled
}

// maxNotes bounds each kind between two packets.
const maxNotes = 256

func (n *notes) want(id MsgID) {
	if len(n.wanted) < maxNotes {
		n.wanted = append(n.wanted, id)
	}
}

func (n *notes) inform(info *mt.MsgsStateInfo) {
	if len(n.infos) < maxNotes {
		n.infos = append(n.infos, info)
	}
}

func (n *notes) drop(id MsgID) {
	if len(n.drops) < maxNotes {
		n.drops = append(n.drops, id)
	}
}

func (n *notes) clear() { n.wanted, n.infos, n.drops = n.wanted[:0], nil, n.drops[:0] }

func longs(ids []MsgID) []int64 {
	v := make([]int64, len(ids))
	for i, id := range ids {
		v[i] = int64(id)
	}
	return v
}
