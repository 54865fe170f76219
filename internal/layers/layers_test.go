package layers

import (
	"strings"
	"testing"
)

// at returns the entry of a name that holds in a layer; no entry: the newest
// schema's definition holds, or none.
func at(layer int, name string) (Entry, bool) {
	for _, e := range Entries() {
		if e.Name() == name && e.From <= layer && layer <= e.To {
			return e, true
		}
	}
	return Entry{}, false
}

// number returns the number of the name in the layer, as the table writes it;
// "newest" if the table leaves it to the newest schema.
func number(layer int, name string) string {
	e, ok := at(layer, name)
	if !ok {
		return "newest"
	}
	_, rest, _ := strings.Cut(e.Text, "#")
	n, _, _ := strings.Cut(rest, " ")
	return n
}

// The layers that the clients of 2023 to 2026 name: 158 (@mtproto/core,
// Pyrogram), 190 (Telethon 1.37, MadelineProto), 198 (GramJS), 222 (grammers),
// 224 (Telethon 1.43), 227 (gogram, WTelegramClient), 228 (mtcute), 229 (gotd),
// 230 (grammers), 232 (TDLib).
func TestAUserIsSentInTheFormOfEachClient(t *testing.T) {
	names := [...]string{"user", "userFull", "peerSettings", "peerNotifySettings"}
	for layer, want := range map[int][4]string{
		158: {"8f97c628", "93eadb53", "a518110d", "a83b0426"},
		190: {"83314fca", "1f58e369", "acd66c5e", "newest"},
		198: {"4b46c37e", "4d975bbc", "acd66c5e", "newest"},
		222: {"31774388", "a02bc13e", "newest", "newest"},
		223: {"31774388", "a02bc13e", "newest", "newest"},
		224: {"31774388", "6cbe645", "newest", "newest"},
		227: {"31774388", "6cbe645", "newest", "newest"},
		228: {"newest", "6cbe645", "newest", "newest"},
		231: {"newest", "6cbe645", "newest", "newest"},
		232: {"newest", "newest", "newest", "newest"},
	} {
		for i, name := range names {
			if got := number(layer, name); got != want[i] {
				t.Errorf("layer %d: %s has number %s, want %s", layer, name, got, want[i])
			}
		}
	}
}

func TestChangesTakePlaceInTheirLayer(t *testing.T) {
	for _, c := range []struct {
		name         string
		first        int // the first layer of the newer form
		older, newer string
	}{
		{"auth.signUp", 173, "80eee427", "newest"},
		{"auth.resendCode", 181, "3ef1a9bf", "newest"},
		{"auth.requestFirebaseSms", 180, "89464b50", "73ab08c0"},
		{"auth.requestFirebaseSms", 181, "73ab08c0", "newest"},
		{"updates.getDifference", 159, "25939651", "newest"},
		{"messages.getDialogFilters", 176, "f19ed96d", "newest"},
		{"user", 185, "215c4438", "83314fca"},
		{"userFull", 195, "1f58e369", "979d2376"},
		{"message", 227, "95ef6f2b", "newest"},
		{"messageService", 205, "d3d28540", "newest"},
		{"dialog", 224, "d58a08c6", "newest"},
		{"help.promoData", 203, "8c39793f", "newest"},
		{"botInfo", 186, "8f300b57", "82437e74"},
		{"userStatusRecently", 172, "e26f42f1", "newest"},
		{"auth.sentCodeTypeFirebaseSms", 183, "13c90f17", "newest"},
		{"auth.sentCodePaymentRequired", 225, "e0955a3c", "newest"},
		{"emojiStatus", 198, "929b619d", "newest"},
		{"messageReplyHeader", 232, "1b97dd66", "newest"},
		{"userFull", 232, "6cbe645", "newest"},
		{"auth.initFirebasePnvLogin", 230, "777df37a", "newest"},
		{"username", 230, "b4073647", "newest"},
	} {
		if got := number(c.first-1, c.name); got != c.older {
			t.Errorf("layer %d: %s has number %s, want %s", c.first-1, c.name, got, c.older)
		}
		if got := number(c.first, c.name); got != c.newer {
			t.Errorf("layer %d: %s has number %s, want %s", c.first, c.name, got, c.newer)
		}
	}
}

// Bits were added under the same number: the number does not tell whether a
// client knows them.
func TestBitsHaveTheirFirstLayer(t *testing.T) {
	for _, c := range []struct {
		name, bit string
		first     int
	}{
		{"user", "contact_require_premium:flags2.10?true", 172},
		{"user", "bot_business:flags2.11?true", 177},
		{"user", "bot_forum_view:flags2.16?true", 216},
		{"user", "bot_guard:flags2.20?true", 227},
		{"userFull", "blocked_my_stories_from:flags.27?true", 161},
		{"userFull", "sponsored_enabled:flags2.7?true", 178},
		{"userFull", "noforwards_my_enabled:flags2.23?true", 223},
		{"message", "invert_media:flags.27?true", 166},
		{"message", "video_processing_pending:flags2.4?true", 192},
		{"botInfo", "has_preview_medias:flags.6?true", 185},
		{"messageReactions", "reactions_as_tags:flags.3?true", 172},
	} {
		if e, _ := at(c.first-1, c.name); strings.Contains(e.Text, " "+c.bit+" ") {
			t.Errorf("layer %d: %s has %s, want it from %d on", c.first-1, c.name, c.bit, c.first)
		}
		if e, ok := at(c.first, c.name); !ok || !strings.Contains(e.Text, " "+c.bit+" ") {
			t.Errorf("layer %d: %s lacks %s, want it from %d on", c.first, c.name, c.bit, c.first)
		}
	}
	// The bits that complete the newest form end the last entry.
	for name, last := range map[string]int{
		"codeSettings": 177, "authorization": 162, "dialog": 223,
		"account.changeAuthorizationSettings": 162, "updateServiceNotification": 165,
	} {
		if _, ok := at(last, name); !ok {
			t.Errorf("layer %d: no older form of %s", last, name)
		}
		if _, ok := at(last+1, name); ok {
			t.Errorf("layer %d: an older form of %s, want the newest", last+1, name)
		}
	}
}

func TestFieldsKeepTheirPlace(t *testing.T) {
	for _, c := range []struct {
		layer int
		name  string
		order string // parts of the definition, in the order of the wire
	}{
		{158, "user", "flags:# flags2:# id: access_hash: first_name: last_name: username: phone: photo: status: bot_info_version: restriction_reason: usernames:"},
		{176, "userFull", "flags:# flags2:# id: about: settings: wallpaper: stories: business_work_hours:"},
		{214, "userFull", "ttl_period: theme: private_forward_name:"},
		{177, "message", "flags:# flags2:# id: from_id: from_boosts_applied: peer_id: saved_peer_id: fwd_from: via_bot_id: via_business_bot_id: reply_to: date: message:"},
		{225, "message", "from_id: from_boosts_applied: from_rank: peer_id: via_business_bot_id: guestchat_via_from: reply_to:"},
		{196, "messageService", "action: reactions: ttl_period:"},
		{182, "auth.sentCodeTypeFirebaseSms", "nonce: play_integrity_nonce: receipt: push_timeout: length:"},
		{216, "auth.sentCodePaymentRequired", "store_product: phone_code_hash: support_email_address: support_email_subject: currency: amount:"},
		{158, "help.promoData", "expires: peer:Peer chats: users: psa_type: psa_message:"},
	} {
		e, _ := at(c.layer, c.name)
		rest := e.Text
		for _, part := range strings.Fields(c.order) {
			_, after, ok := strings.Cut(rest, " "+part)
			if !ok {
				t.Errorf("layer %d: %s has no %q in its place; the order is %s", c.layer, c.name, part, c.order)
				break
			}
			rest = after
		}
	}
}

func TestALayerOutsideTheKnownIsAnsweredAsTheNearest(t *testing.T) {
	for layer, want := range map[int]int{
		-1: 158, 0: 158, 1: 158, 157: 158, 158: 158, 159: 159, 215: 215, 228: 228, 231: 231, 232: 232, 233: 232, 1 << 30: 232,
	} {
		if got := Nearest(layer); got != want {
			t.Errorf("layer %d is answered as %d, want %d", layer, got, want)
		}
	}
}

func TestAnOlderClientIsNotSentWhatItCannotRead(t *testing.T) {
	for name, born := range map[string]int{
		"updateNewAuthorization":           163,
		"updateSentPhoneCode":              201,
		"auth.sentCodeTypeSmsWord":         179,
		"auth.sentCodePaymentRequired":     201,
		"account.passkeys":                 220,
		"auth.finishFirebasePnvLogin":      229,
		"auth.cancelWebTokenAuthorization": 230,
		"messageEntityTonAddress":          230,
		"user":                             0,
		"updateLoginToken":                 0, // not in the table: it never changed
	} {
		if Known(born-1, name) && born > 0 {
			t.Errorf("layer %d knows %s, want it from %d on", born-1, name, born)
		}
		if !Known(born, name) || !Known(Newest+1, name) {
			t.Errorf("layers %d and %d do not both know %s", born, Newest+1, name)
		}
	}
}
