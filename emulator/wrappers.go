package emulator

import (
	"encoding/binary"
	"strings"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// maxWrappers is how many wrappers may stand around a call. Clients use up to
// four.
const maxWrappers = 16

// unwrap separates a call from the wrappers around it, in whatever order they
// are, and unpacks what is packed between them. It changes nothing: see obeyAll.
//
// Clients pack all of a call, or, as TDLib does, only what the wrappers contain.
// https://core.telegram.org/mtproto/service_messages#packed-object
func (o *order) unwrap(body []byte, u *mtproto.Unpacker) (no *refusal) {
	for range maxWrappers {
		if body, no = unpack(body, u); no != nil {
			return no
		}
		wrapper, no := o.readWrapper(body)
		if no != nil || wrapper == nil {
			o.body = body
			return no
		}
		o.wrappers = append(o.wrappers, wrapper)
		if a, ok := attestationOf(wrapper); ok {
			o.shown = append(o.shown, a)
		}
		if q, ok := wrapper.(*tg.InvokeWithLayer); ok && q.Layer > 0 {
			o.layer = int(q.Layer)
		}
		inner, ok := queryOf(wrapper)
		if !ok {
			return inputMethodInvalid
		}
		body = inner
	}
	return inputRequestTooLong
}

// unpack returns what is in a gzip_packed, and any other object as it is. Only
// another object than itself may be in it.
// https://core.telegram.org/mtproto/service_messages#packed-object
func unpack(body []byte, u *mtproto.Unpacker) ([]byte, *refusal) {
	if !mtproto.Packed(body) {
		return body, nil
	}
	body, err := u.Unpack(body)
	if err != nil || mtproto.Packed(body) {
		return nil, inputFetchError
	}
	return body, nil
}

// readWrapper reads a call around another call: one that answers whatever the
// inner one answers. It returns nil for a call of its own. Wrappers have kept
// their numbers in all layers.
func (o *order) readWrapper(body []byte) (any, *refusal) {
	if len(body) < 4 {
		return nil, inputFetchError
	}
	def, err := tg.Schema.LookupID(binary.LittleEndian.Uint32(body))
	if err != nil || def == nil || !def.Function || def.Result.Kind != tl.KindAny {
		return nil, nil
	}
	r := tl.NewReader(body)
	r.LimitMemory(o.memory)
	wrapper := tg.Schema.Read(r)
	o.memory -= r.Memory()
	if r.Err() != nil {
		return nil, inputFetchError
	}
	return wrapper, nil
}

// queryOf is the call inside a wrapper; ok says whether this server has that
// wrapper.
func queryOf(wrapper any) (query []byte, ok bool) {
	switch q := wrapper.(type) {
	case *tg.InvokeWithLayer:
		return q.Query, true
	case *tg.InitConnection:
		return q.Query, true
	case *tg.InvokeWithoutUpdates:
		return q.Query, true

	// Calls are executed in the order in which they come, each at once: what a
	// call is to come after is over by now, or will never come.
	// https://core.telegram.org/api/invoking#sequential-requests
	case *tg.InvokeAfterMsg:
		return q.Query, true
	case *tg.InvokeAfterMsgs:
		return q.Query, true

	// Nothing is kept here that a takeout or a business connection would show
	// differently.
	case *tg.InvokeWithTakeout:
		return q.Query, true
	case *tg.InvokeWithMessagesRange:
		return q.Query, true
	case *tg.InvokeWithBusinessConnection:
		return q.Query, true

	case *tg.InvokeWithReCaptcha:
		return q.Query, true
	case *tg.InvokeWithGooglePlayIntegrity:
		return q.Query, true
	case *tg.InvokeWithApnsSecret:
		return q.Query, true
	}
	return nil, false
}

// obeyAll does what the wrappers around a call say, the outermost first.
//
// Layer and device are stored even if the call inside fails.
// https://core.telegram.org/api/invoking
func (w *world) obeyAll(c *caller, wrappers []any) *refusal {
	for _, wrapper := range wrappers {
		if no := w.obey(c, wrapper); no != nil {
			return no
		}
	}
	c.key.hush(c.session, c.quiet)
	return nil
}

// obey does what a wrapper says. The others say nothing that is kept.
func (w *world) obey(c *caller, wrapper any) *refusal {
	switch q := wrapper.(type) {
	case *tg.InvokeWithLayer:
		if q.Layer < 1 {
			return inputLayerInvalid
		}
		w.noteLayer(c, int(q.Layer))
		c.key.layer = int(q.Layer)
	case *tg.InitConnection:
		return c.introduce(q)
	case *tg.InvokeWithoutUpdates:
		c.quiet = true
	}
	return nil
}

// noteLayer warns, once for each key, of a client that may not understand what it
// is told: its layer is not known, and is answered as the nearest that is.
//
// A newer layer may have given what signing in needs another number. TDLib of
// layer 232 cannot read the userFull of layer 228.
func (w *world) noteLayer(c *caller, layer int) {
	if layer >= layers.Oldest && layer <= layers.Newest || c.key.warned {
		return
	}
	c.key.warned = true
	text := "a client speaks a layer that is too old; it is answered in the oldest that is known"
	if layer > layers.Newest {
		text = "a client speaks a layer that is not known yet; it is answered in the newest that is known, which it may not understand"
	}
	w.log.Warn(text, "layer", layer, "oldest", layers.Oldest, "newest", layers.Newest, "dc", c.dc)
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
