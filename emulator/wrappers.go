package emulator

import (
	"encoding/binary"
	"strings"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// maxWrappers is how many wrappers may stand around a call. Clients use up to
// four.
const maxWrappers = 16

// unwrap takes the wrappers off a call, in whatever order they stand, and does
// what they say. What it returns is the call itself.
//
// Layer and device are stored even if the call inside fails.
// https://core.telegram.org/api/invoking
func (w *world) unwrap(c *caller, body []byte) ([]byte, *refusal) {
	for range maxWrappers {
		wrapper, no := readWrapper(body)
		if no != nil || wrapper == nil {
			return body, no
		}
		if body, no = w.obey(c, wrapper); no != nil {
			return nil, no
		}
	}
	return nil, inputRequestTooLong
}

// readWrapper reads a call around another call: one that answers whatever the
// inner one answers. It returns nil for a call of its own. Wrappers have kept
// their numbers in all layers.
func readWrapper(body []byte) (any, *refusal) {
	if len(body) < 4 {
		return nil, inputFetchError
	}
	def, err := tg.Schema.LookupID(binary.LittleEndian.Uint32(body))
	if err != nil || def == nil || !def.Function || def.Result.Kind != tl.KindAny {
		return nil, nil
	}
	r := tl.NewReader(body)
	wrapper := tg.Schema.Read(r)
	if r.Err() != nil {
		return nil, inputFetchError
	}
	return wrapper, nil
}

// obey does what a wrapper says and returns the call inside.
func (w *world) obey(c *caller, wrapper any) (query []byte, no *refusal) {
	switch q := wrapper.(type) {
	case *tg.InvokeWithLayer:
		if q.Layer < 1 {
			return nil, inputLayerInvalid
		}
		w.noteLayer(c, int(q.Layer))
		c.key.layer = int(q.Layer)
		return q.Query, nil
	case *tg.InitConnection:
		return q.Query, c.introduce(q)
	case *tg.InvokeWithoutUpdates:
		c.quiet = true
		return q.Query, nil

	// Calls are executed in the order in which they come, each at once: what a
	// call is to come after is over by now, or will never come.
	// https://core.telegram.org/api/invoking#sequential-requests
	case *tg.InvokeAfterMsg:
		return q.Query, nil
	case *tg.InvokeAfterMsgs:
		return q.Query, nil

	// Nothing is kept here that a takeout or a business connection would show
	// differently.
	case *tg.InvokeWithTakeout:
		return q.Query, nil
	case *tg.InvokeWithMessagesRange:
		return q.Query, nil
	case *tg.InvokeWithBusinessConnection:
		return q.Query, nil
	}
	if a, query, ok := attestationOf(wrapper); ok {
		c.shown = append(c.shown, a)
		return query, nil
	}
	return nil, inputMethodInvalid
}

// noteLayer warns of a client that may not understand what it is told: its layer
// is answered as the oldest that is known. One newer than all is no trouble: what
// it knows of old is still there.
func (w *world) noteLayer(c *caller, layer int) {
	if layer < layers.Oldest && layer != c.key.layer {
		w.log.Warn("a client speaks a layer that is too old; it is answered in the oldest that is known",
			"layer", layer, "oldest", layers.Oldest, "newest", layers.Newest, "dc", c.dc)
	}
}

// introduce stores what a client says about itself. Any application id is good
// enough, but there must be one, and a device that the list of devices can show.
// https://core.telegram.org/method/initConnection
func (c *caller) introduce(q *tg.InitConnection) *refusal {
	switch {
	case q.APIID == 0:
		return connectionAPIIDInvalid
	case q.DeviceModel == "":
		return connectionDeviceModelEmpty
	case q.SystemVersion == "":
		return connectionSystemEmpty
	case q.AppVersion == "":
		return connectionAppVersionEmpty
	}
	c.key.device = &device{
		apiID:         q.APIID,
		model:         cut(q.DeviceModel),
		systemVersion: cut(q.SystemVersion),
		appVersion:    cut(q.AppVersion),
		systemLang:    cut(q.SystemLangCode),
		langPack:      cut(q.LangPack),
		lang:          cut(q.LangCode),
	}
	if c.key.login != nil {
		c.key.login.device = *c.key.device
	}
	return nil
}

// maxWord bounds what is kept of a string that a client says about itself.
const maxWord = 256

// cut returns no more of s than that, and no half of a character.
func cut(s string) string {
	if len(s) > maxWord {
		return strings.ToValidUTF8(s[:maxWord], "")
	}
	return s
}
