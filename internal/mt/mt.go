// Package mt holds MTProto's own messages: those of the key exchange and the
// service messages of a session. The structs are generated from a schema; this
// file has what is no plain TL value.
package mt

import (
	_ "embed"

	"github.com/telekey/telekey/tl"
)

//go:embed schema_gen.tl
var text string

// Schema reads and writes the structs of this package.
var Schema = tl.NewSchema(text, structs)

// Constructors whose insides are no TL value of one known type: mtproto takes
// them apart by hand.
//
// https://core.telegram.org/mtproto/service_messages#containers
// https://core.telegram.org/mtproto/service_messages#response-to-an-rpc-query
const (
	IDMsgContainer uint32 = 0x73f1f8dc // count:int, then msg_id:long seqno:int bytes:int body, each
	IDMsgCopy      uint32 = 0xe06046b2 // no longer used
	IDRPCResult    uint32 = 0xf35c6d01 // req_msg_id:long, then any object
)
