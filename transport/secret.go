package transport

import (
	"fmt"
	"io"
)

// Secret is what an MTProxy shares with its clients: 16 bytes, without the
// marks that links put around them. It prints as a redaction.
// https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
type Secret []byte

const redacted = "[secret]"

// Format prints a redaction for every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// MarshalText keeps the secret out of JSON and logs.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
