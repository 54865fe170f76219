package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// emptyAnswers are the methods that applications call at their start and whose
// answer is always the same here: there are no stickers, reactions, bots, themes
// or settings. TDLib repeats some of these calls if they are refused.
var emptyAnswers = []call{
	// Stickers, emoji, reactions, effects.
	refusing[tg.MessagesGetStickerSet, tg.AnyMessagesStickerSet](badRequest(tg.ErrStickersetInvalid)), // it has no empty form
	answering[tg.MessagesGetStickers](&tg.MessagesStickers{}),
	answering[tg.MessagesGetEmojiGroups](&tg.MessagesEmojiGroups{}),
	answering[tg.MessagesGetCustomEmojiDocuments]([]tg.AnyDocument{}),
	answering[tg.MessagesGetAvailableReactions](&tg.MessagesAvailableReactions{}),
	answering[tg.MessagesGetAvailableEffects](&tg.MessagesAvailableEffects{}),
	answering[tg.AccountGetDefaultEmojiStatuses](&tg.AccountEmojiStatuses{}),
	answering[tg.AccountGetRecentEmojiStatuses](&tg.AccountEmojiStatuses{}),
	answering[tg.AccountGetChannelDefaultEmojiStatuses](&tg.AccountEmojiStatuses{}),
	answering[tg.AccountGetCollectibleEmojiStatuses](&tg.AccountEmojiStatuses{}),
	answering[tg.AccountGetChannelRestrictedStatusEmojis](&tg.EmojiList{}),
	answering[tg.AccountGetDefaultBackgroundEmojis](&tg.EmojiList{}),
	answering[tg.AccountGetDefaultGroupPhotoEmojis](&tg.EmojiList{}),
	answering[tg.AccountGetDefaultProfilePhotoEmojis](&tg.EmojiList{}),
	answering[tg.MessagesGetAllStickers](&tg.MessagesAllStickers{}),
	answering[tg.MessagesGetMaskStickers](&tg.MessagesAllStickers{}),
	answering[tg.MessagesGetEmojiStickers](&tg.MessagesAllStickers{}),
	answering[tg.MessagesGetFavedStickers](&tg.MessagesFavedStickers{}),
	answering[tg.MessagesGetRecentStickers](&tg.MessagesRecentStickers{}),
	answering[tg.MessagesGetFeaturedStickers](&tg.MessagesFeaturedStickers{}),
	answering[tg.MessagesGetFeaturedEmojiStickers](&tg.MessagesFeaturedStickers{}),
	answering[tg.MessagesGetSavedGifs](&tg.MessagesSavedGifs{}),
	answering[tg.MessagesGetTopReactions](&tg.MessagesReactions{}),
	answering[tg.MessagesGetRecentReactions](&tg.MessagesReactions{}),
	answering[tg.MessagesGetDefaultTagReactions](&tg.MessagesReactions{}),

	// Looks and sounds.
	answering[tg.HelpGetPeerColors](&tg.HelpPeerColors{}),
	answering[tg.HelpGetPeerProfileColors](&tg.HelpPeerColors{}),
	answering[tg.AccountGetThemes](&tg.AccountThemes{}),
	answering[tg.AccountGetChatThemes](&tg.AccountThemes{}),
	answering[tg.AccountGetUniqueGiftChatThemes](&tg.AccountChatThemes{}),
	answering[tg.AccountGetSavedRingtones](&tg.AccountSavedRingtones{}),
	answering[tg.AccountGetSavedMusicIDs](&tg.AccountSavedMusicIDs{}),

	// Chats and people.
	answering[tg.MessagesGetQuickReplies](&tg.MessagesQuickReplies{}),
	answering[tg.MessagesGetDialogUnreadMarks]([]tg.AnyDialogPeer{}),
	answering[tg.ChannelsGetAdminedPublicChannels](&tg.MessagesChats{}),
	answering[tg.StoriesGetAllStories](&tg.StoriesAllStories{StealthMode: &tg.StoriesStealthMode{}}),
	answering[tg.AicomposeGetTones](&tg.AicomposeTones{}),
	answering[tg.MessagesGetAttachMenuBots](&tg.AttachMenuBots{}),
	answering[tg.MessagesGetPeerSettings](&tg.MessagesPeerSettings{Settings: &tg.PeerSettings{}}),
	answering[tg.MessagesGetScheduledHistory](&tg.MessagesMessages{}),
	answering[tg.MessagesGetDefaultHistoryTTL](&tg.DefaultHistoryTTL{}),
	answering[tg.ContactsGetBirthdays](&tg.ContactsContactBirthdays{}),
	answering[tg.ContactsGetTopPeers](&tg.ContactsTopPeers{}),
	answering[tg.ContactsGetBlocked](&tg.ContactsBlocked{}),

	// Settings: the defaults.
	answering[tg.AccountGetAutoSaveSettings](&tg.AccountAutoSaveSettings{
		UsersSettings: &tg.AutoSaveSettings{}, ChatsSettings: &tg.AutoSaveSettings{}, BroadcastsSettings: &tg.AutoSaveSettings{},
	}),
	answering[tg.HelpGetTimezonesList](&tg.HelpTimezonesList{}),
	answering[tg.AccountGetContentSettings](&tg.AccountContentSettings{}),
	answering[tg.AccountGetWebBrowserSettings](&tg.AccountWebBrowserSettings{}),
	answering[tg.AccountGetReactionsNotifySettings](&tg.ReactionsNotifySettings{
		Sound: &tg.NotificationSoundDefault{}, ShowPreviews: true,
	}),
	answering[tg.AccountGetPrivacy](&tg.AccountPrivacyRules{Rules: []tg.AnyPrivacyRule{&tg.PrivacyValueAllowAll{}}}),
	answering[tg.AccountGetContactSignUpNotification](false),
	answering[tg.HelpGetPremiumPromo](&tg.HelpPremiumPromo{}),
}

// answering is the method whose struct is Q, which is always answered with answer.
func answering[Q, A any](answer A) call {
	return members(func(*world, *caller, time.Time, *Q) (A, *refusal) { return answer, nil })
}

// refusing is the method whose struct is Q, which is always refused.
func refusing[Q, A any](no *refusal) call {
	return members(func(*world, *caller, time.Time, *Q) (answer A, _ *refusal) { return answer, no })
}
