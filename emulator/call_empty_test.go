package emulator

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/telekey/telekey/internal/layers"
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// emptyCalls calls each method of emptyAnswers that is answered.
func emptyCalls() []any {
	peer := &tg.InputPeerUser{UserID: serviceID}
	return []any{
		&tg.MessagesGetStickers{}, &tg.MessagesGetEmojiGroups{}, &tg.MessagesGetCustomEmojiDocuments{DocumentID: []int64{1}},
		&tg.MessagesGetAvailableReactions{}, &tg.MessagesGetAvailableEffects{}, &tg.AccountGetDefaultEmojiStatuses{},
		&tg.HelpGetPeerColors{}, &tg.HelpGetPeerProfileColors{}, &tg.AccountGetThemes{}, &tg.AccountGetChatThemes{},
		&tg.AccountGetUniqueGiftChatThemes{}, &tg.AccountGetSavedRingtones{}, &tg.AccountGetSavedMusicIDs{},
		&tg.MessagesGetAttachMenuBots{}, &tg.MessagesGetPeerSettings{Peer: peer}, &tg.MessagesGetScheduledHistory{Peer: peer},
		&tg.MessagesGetDefaultHistoryTTL{}, &tg.ContactsGetBirthdays{}, &tg.ContactsGetTopPeers{Correspondents: true},
		&tg.ContactsGetBlocked{}, &tg.AccountGetContentSettings{}, &tg.AccountGetWebBrowserSettings{},
		&tg.AccountGetReactionsNotifySettings{}, &tg.AccountGetPrivacy{Key: &tg.InputPrivacyKeyPhoneNumber{}},
		&tg.AccountGetContactSignUpNotification{}, &tg.HelpGetPremiumPromo{},
		&tg.AccountGetRecentEmojiStatuses{}, &tg.AccountGetChannelDefaultEmojiStatuses{}, &tg.AccountGetCollectibleEmojiStatuses{},
		&tg.AccountGetChannelRestrictedStatusEmojis{}, &tg.AccountGetDefaultBackgroundEmojis{}, &tg.AccountGetDefaultGroupPhotoEmojis{},
		&tg.AccountGetDefaultProfilePhotoEmojis{}, &tg.MessagesGetAllStickers{}, &tg.MessagesGetMaskStickers{},
		&tg.MessagesGetEmojiStickers{}, &tg.MessagesGetFavedStickers{}, &tg.MessagesGetRecentStickers{},
		&tg.MessagesGetFeaturedStickers{}, &tg.MessagesGetFeaturedEmojiStickers{}, &tg.MessagesGetSavedGifs{},
		&tg.MessagesGetTopReactions{}, &tg.MessagesGetRecentReactions{}, &tg.MessagesGetDefaultTagReactions{},
		&tg.MessagesGetQuickReplies{}, &tg.MessagesGetDialogUnreadMarks{}, &tg.ChannelsGetAdminedPublicChannels{},
		&tg.StoriesGetAllStories{}, &tg.AicomposeGetTones{}, &tg.AccountGetAutoSaveSettings{}, &tg.HelpGetTimezonesList{},
	}
}

// memberOf is a client of a layer that is signed in as Ann.
func memberOf(t *testing.T, d *desk, layer int) *visitor {
	t.Helper()
	signedIn(t, d.visitor(2), ann)
	v := d.visitorOf(2, layer)
	v.key.signIn(d.w.accounts.byPhone["9996620001"].logins[0])
	return v
}

// The emulator answers what applications ask for at their start as a client of each
// layer can read it.
func TestWhatIsEmptyIsAnsweredInEveryLayer(t *testing.T) {
	if got, want := len(emptyCalls())+1, len(emptyAnswers); got != want {
		t.Errorf("got %d calls with the refused one, want each of the %d in the table", got, want)
	}
	for layer := layers.Oldest; layer <= layers.Newest; layer++ {
		d := newDesk(t, User{Phone: ann})
		v := memberOf(t, d, layer)
		view := d.w.views.of(layer)
		for _, call := range emptyCalls() {
			if _, ok := call.(*tg.AccountGetReactionsNotifySettings); ok && !layers.Known(layer, "reactionsNotifySettings") {
				continue // nor did its method exist then
			}
			request, err := view.Append(nil, call)
			if err != nil {
				t.Errorf("layer %d: %T: %v", layer, call, err)
				continue
			}
			readBack(t, view, layer, view.DefinitionOf(call).Result.String(), raw(t, v, request, ""))
		}
		raw(t, v, bytesOf(&tg.MessagesGetStickerSet{Stickerset: &tg.InputStickerSetAnimatedEmoji{}}), "STICKERSET_INVALID")
	}
}

// Layer 224 gave it another number.
func TestReactionsNotifySettingsHaveTheNumberOfTheirLayer(t *testing.T) {
	for layer, want := range map[int]uint32{179: 0x56e34970, 223: 0x56e34970, 224: 0x71e4ea58, tg.Layer: 0x71e4ea58} {
		d := newDesk(t, User{Phone: ann})
		v := memberOf(t, d, layer)
		if got := raw(t, v, bytesOf(&tg.AccountGetReactionsNotifySettings{}), ""); !bytes.HasPrefix(got, tl.AppendUint32(nil, want)) {
			t.Errorf("layer %d: got %x, want a %x", layer, got, want)
		}
	}
}

func TestWhatIsEmptyIsForMembers(t *testing.T) {
	d := newDesk(t)
	v := d.visitor(2)
	for _, call := range emptyCalls() {
		if _, no := v.bring(bytesOf(call)); no == nil || no.message != "AUTH_KEY_UNREGISTERED" {
			t.Errorf("%T: got %v, want AUTH_KEY_UNREGISTERED", call, no)
		}
	}
}

// Telegram Desktop shows a new chat when it has asked for its dialog.
// https://core.telegram.org/method/messages.getPeerDialogs
func TestTheDialogWithTelegramIsFoundByItsPeer(t *testing.T) {
	first, _ := codesByApp(t, 2)
	of := func(peer tg.AnyInputPeer) *tg.MessagesPeerDialogs {
		return get(t, first, &tg.MessagesGetPeerDialogs{Peers: []tg.AnyInputDialogPeer{
			&tg.InputDialogPeerFolder{}, &tg.InputDialogPeer{Peer: peer},
		}})
	}
	all := get(t, first, &tg.MessagesGetDialogs{OffsetPeer: &tg.InputPeerEmpty{}, Limit: 10}).(*tg.MessagesDialogs)
	got := of(&tg.InputPeerUser{UserID: serviceID})
	if !reflect.DeepEqual(got.Dialogs, all.Dialogs) || !reflect.DeepEqual(got.Messages, all.Messages) || len(got.Users) != 2 || got.State.Pts != 3 {
		t.Errorf("got %+v, want what is in the list of dialogs: %+v", got, all)
	}
	for _, peer := range []tg.AnyInputPeer{&tg.InputPeerSelf{}, &tg.InputPeerUser{UserID: 1}, &tg.InputPeerEmpty{}} {
		if got := of(peer); len(got.Dialogs) != 0 || got.State.Pts != 3 {
			t.Errorf("%+v: got %+v, want the state alone", peer, got)
		}
	}
}

func TestTheFolderOfAllChatsIsAmongTheFolders(t *testing.T) {
	d := newDesk(t, User{Phone: ann})
	v := d.visitor(2)
	signedIn(t, v, ann)
	filters := get(t, v, &tg.MessagesGetDialogFilters{}).Filters
	if len(filters) != 1 {
		t.Fatalf("got %+v, want one", filters)
	}
	if _, ok := filters[0].(*tg.DialogFilterDefault); !ok {
		t.Errorf("got %T, want dialogFilterDefault", filters[0])
	}
}

// TDLib asks for it by itself.
func TestTheUserThatTelegramWritesAsIsAnsweredInEveryLayer(t *testing.T) {
	for _, l := range ids {
		d := newDesk(t, User{Phone: ann})
		v := memberOf(t, d, l.layer)
		got := raw(t, v, bytesOf(&tg.UsersGetFullUser{ID: &tg.InputUser{UserID: serviceID, AccessHash: serviceID}}), "")
		want := tl.AppendUint32(tl.AppendUint32(nil, 0x3b6d152e), l.userFull) // users.userFull
		if !bytes.HasPrefix(got, want) {
			t.Errorf("layer %d: got %x, want it to begin with %x", l.layer, got, want)
		}
		readBack(t, d.w.views.of(l.layer), layers.Nearest(l.layer), "users.UserFull", got)
	}
}
