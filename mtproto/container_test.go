package mtproto

import (
	"bytes"
	"testing"

	"github.com/telekey/telekey/internal/crypt"
	"github.com/telekey/telekey/internal/mt"
	"github.com/telekey/telekey/tl"
)

func TestAContainerComesApartAgain(t *testing.T) {
	parts := []part{{4, 1, value("a")}, {8, 3, value("bc")}, {12, 4, value("")}}
	body := appendContainer(nil, parts)
	if len(body) != containerSize(parts) {
		t.Errorf("got %d bytes, want %d", len(body), containerSize(parts))
	}
	got, err := splitContainer(nil, 16, body)
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	for i, p := range got {
		if p.id != parts[i].id || p.seq != parts[i].seq || !bytes.Equal(p.body, parts[i].body) {
			t.Errorf("message %d: got %v, want %v", i, p, parts[i])
		}
	}
	if got, err := splitContainer(nil, 16, appendContainer(nil, nil)); err != nil || len(got) != 0 {
		t.Errorf("an empty container: got %v, %v", got, err)
	}
}

// At most 1024 messages, none of them a container, each made before it, and
// nothing missing or left over.
// https://core.telegram.org/mtproto/service_messages#containers
func TestRule19ContainersAreChecked(t *testing.T) {
	one := part{4, 1, value("x")}
	good := appendContainer(nil, []part{one})
	many := make([]part, maxParts+1)
	for i := range many {
		many[i] = part{MsgID(4 * (i + 1)), 0, value("")}
	}
	head := func(count int32) []byte { return tl.AppendInt(tl.AppendUint32(nil, mt.IDMsgContainer), count) }
	for name, c := range map[string]struct {
		id   MsgID
		body []byte
		what string // "": right
	}{
		"a good one":                 {8, good, ""},
		"as many as there may be":    {1 << 20, appendContainer(nil, many[:maxParts]), ""},
		"one too many":               {1 << 20, appendContainer(nil, many), "container"},
		"its own id":                 {4, good, "message id in a container"},
		"an id after its own":        {3, good, "message id in a container"},
		"a container in it":          {8, appendContainer(nil, []part{{4, 0, good}}), "message in a container"},
		"a negative count":           {8, head(-1), "container"},
		"a count that lies":          {8, head(1024), "container"},
		"four bytes short":           {8, good[:len(good)-4], "container"},
		"four bytes over":            {8, append(bytes.Clone(good), 0, 0, 0, 0), "container"},
		"no count":                   {8, good[:4], "container"},
		"an empty message":           {8, appendContainer(nil, []part{{4, 1, nil}}), "message length in a container"},
		"a message of an odd length": {8, appendContainer(nil, []part{{4, 1, make([]byte, 6)}}), "message length in a container"},
	} {
		_, err := splitContainer(nil, c.id, c.body)
		if c.what == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.what != "" {
			t.Run(name, func(t *testing.T) { wantViolation(t, err, c.what) })
		}
	}
}

func TestPartsAreSealedAloneOrTogether(t *testing.T) {
	key := testKey(1)
	var spare buffers
	parts := []part{{4, 1, value("a")}, {8, 3, value("b")}}
	for n, h := range map[int]head{1: {id: 4, seq: 1}, 2: {id: 12, seq: 4}} {
		packet := sealParts(&spare, h, parts[:n], key, crypt.FromClient, newChance(1))
		if got := opened(t, packet, key, crypt.FromClient); len(got) != n || got[0].id != 4 || (got[0].container != 0) != (n > 1) {
			t.Errorf("%d parts: got %v", n, got)
		}
	}
	// One message under an old id needs a container around it.
	packet := sealParts(&spare, head{id: 12, seq: 4}, parts[:1], key, crypt.FromClient, newChance(1))
	if got := opened(t, packet, key, crypt.FromClient); len(got) != 1 || got[0].container != 12 {
		t.Errorf("got %v, want one message in container 12", got)
	}
}
