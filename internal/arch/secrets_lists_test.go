package arch

import (
	"reflect"

	"github.com/telekey/telekey"
	"github.com/telekey/telekey/auth"
	"github.com/telekey/telekey/emulator"
	"github.com/telekey/telekey/emulator/control"
	"github.com/telekey/telekey/mtproto"
	"github.com/telekey/telekey/passkey"
	"github.com/telekey/telekey/secret"
	"github.com/telekey/telekey/session"
	"github.com/telekey/telekey/transport"
)

// Reasons why a field that is named like a secret is text or bytes in the clear.
const (
	byDesign = "people write it as a string; it hides in what it belongs to, and SECURITY.md says where it does not"
	noSecret = "it is none"
	inside   = "it never leaves the package, and what leads to it is behind two pointers"
	asSent   = "it is what is sent, came or is stored, for whoever carries it on"
)

// inTheClear are the fields that are named like secrets and hold text or bytes in the
// clear, with the reason.
var inTheClear = map[string]string{
	"telekey.Config.AppHash":         byDesign,
	"emulator.User.Password":         byDesign,
	"emulator.Bot.Token":             byDesign,
	"emulator.Rule.Token":            byDesign,
	"emulator.Code.Code":             "showing the codes is what the emulator is for",
	"auth.ChallengeQuestion.SiteKey": noSecret,
	"auth.challenge.SiteKey":         noSecret,
	"auth.route.code":                noSecret,
	"control.problem.Code":           noSecret,
	"auth.Done.Answer":               asSent,
	"mtproto.Event.Body":             asSent,
	"mtproto.ServerEvent.Body":       asSent,
	"mtproto.Call.Body":              asSent,
	"control.botJSON.Token":          asSent,
	"passkey.storedPasskey.Key":      asSent,
	"telekey.call.request":           inside,
	"telekey.outcome.answer":         inside,
	"auth.errand.Request":            inside,
	"auth.errand.Answer":             inside,
	"emulator.attestation.token":     inside,
	"emulator.account.tokens":        inside,
	"emulator.bots.byToken":          inside,
	"session.stored.Tokens":          asSent,
	"emulator.botAccount.token":      inside,
	"emulator.order.body":            inside,
	"emulator.ruleFields.Token":      inside,
	"mtproto.ServerHandshake.answer": "it is encrypted",
	"mtproto.call.body":              inside,
	"mtproto.outgoing.body":          inside,
	"mtproto.part.body":              inside,
	"mtproto.query.answer":           inside,
}

// printed are the exported types that hold secrets.
var printed = map[string]reflect.Type{
	"auth.Answers":            reflect.TypeFor[auth.Answers](),
	"auth.AppleTokenAnswer":   reflect.TypeFor[auth.AppleTokenAnswer](),
	"auth.Assertion":          reflect.TypeFor[auth.Assertion](),
	"auth.Call":               reflect.TypeFor[auth.Call](),
	"auth.ChallengeAnswer":    reflect.TypeFor[auth.ChallengeAnswer](),
	"auth.CodeAnswer":         reflect.TypeFor[auth.CodeAnswer](),
	"auth.DeviceProof":        reflect.TypeFor[auth.DeviceProof](),
	"auth.Flow":               reflect.TypeFor[auth.Flow](),
	"auth.GoogleTokenAnswer":  reflect.TypeFor[auth.GoogleTokenAnswer](),
	"auth.NewPassword":        reflect.TypeFor[auth.NewPassword](),
	"auth.QRLink":             reflect.TypeFor[auth.QRLink](),
	"auth.SRPParams":          reflect.TypeFor[auth.SRPParams](),
	"auth.SecretAnswer":       reflect.TypeFor[auth.SecretAnswer](),
	"auth.ShowQR":             reflect.TypeFor[auth.ShowQR](),
	"control.Config":          reflect.TypeFor[control.Config](),
	"emulator.Server":         reflect.TypeFor[emulator.Server](),
	"mtproto.Conn":            reflect.TypeFor[mtproto.Conn](),
	"mtproto.Handshake":       reflect.TypeFor[mtproto.Handshake](),
	"mtproto.Packet":          reflect.TypeFor[mtproto.Packet](),
	"mtproto.Server":          reflect.TypeFor[mtproto.Server](),
	"mtproto.ServerHandshake": reflect.TypeFor[mtproto.ServerHandshake](),
	"mtproto.Exchange":        reflect.TypeFor[mtproto.Exchange](),
	"mtproto.Key":             reflect.TypeFor[mtproto.Key](),
	"mtproto.Params":          reflect.TypeFor[mtproto.Params](),
	"mtproto.ServerExchange":  reflect.TypeFor[mtproto.ServerExchange](),
	"passkey.Authenticator":   reflect.TypeFor[passkey.Authenticator](),
	"passkey.Credential":      reflect.TypeFor[passkey.Credential](),
	"passkey.PrivateKey":      reflect.TypeFor[passkey.PrivateKey](),
	"secret.Text":             reflect.TypeFor[secret.Text](),
	"session.AuthKey":         reflect.TypeFor[session.AuthKey](),
	"session.Data":            reflect.TypeFor[session.Data](),
	"session.Key":             reflect.TypeFor[session.Key](),
	"session.Memory":          reflect.TypeFor[session.Memory](),
	"session.Token":           reflect.TypeFor[session.Token](),
	"telekey.Client":          reflect.TypeFor[telekey.Client](),
	"transport.Stream":        reflect.TypeFor[transport.Stream](),
}
