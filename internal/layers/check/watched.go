package main

import "strings"

// watched reports whether a name can occur in a sign-in, in the user's own data or
// in Telegram's messages: the table must have it if it ever changed. Other contents
// of a type (channels, media, actions, keyboards, stories, gifts) are left out.
func watched(k key, form string) bool {
	if k.function {
		return watchedFunctions[k.name] || strings.HasPrefix(k.name, "auth.")
	}
	return watchedUpdates[k.name] || watchedTypes[result(form)]
}

func set(words string) map[string]bool {
	s := map[string]bool{}
	for _, w := range strings.Fields(words) {
		s[w] = true
	}
	return s
}

var watchedTypes = set(`
	auth.SentCode auth.SentCodeType auth.CodeType auth.Authorization auth.LoggedOut auth.LoginToken
	auth.FirebasePnvIntent auth.ExportedAuthorization auth.PasswordRecovery auth.PasskeyLoginOptions CodeSettings
	account.Password account.PasswordSettings account.PasswordInputSettings account.TmpPassword
	account.Authorizations Authorization account.WebAuthorizations WebAuthorization account.Passkeys Passkey
	account.EmailVerified account.SentEmailCode account.ResetPasswordResult EmailVerification EmailVerifyPurpose
	InputCheckPasswordSRP PasswordKdfAlgo SecurePasswordKdfAlgo SecureSecretSettings AccountDaysTTL

	Config DcOption NearestDc CdnConfig CdnPublicKey JSONValue JSONObjectValue DataJSON InputClientProxy
	help.AppConfig help.AppUpdate help.InviteText help.TermsOfService help.TermsOfServiceUpdate help.PromoData
	help.CountriesList help.Country help.CountryCode LangPackDifference LangPackString LangPackLanguage

	User UserStatus UserProfilePhoto Username EmojiStatus PeerColor RestrictionReason
	users.UserFull UserFull PeerSettings PeerNotifySettings InputPeerNotifySettings NotificationSound
	InputNotifyPeer NotifyPeer BotInfo BotCommand BotMenuButton ChatAdminRights ChatBannedRights
	WallPaper WallPaperSettings Photo PhotoSize VideoSize

	Message MessageFwdHeader MessageReplyHeader MessageReplies MessageReactions MessageEntity TextWithEntities
	messages.Messages messages.AffectedMessages messages.Dialogs messages.PeerDialogs Dialog DraftMessage
	messages.DialogFilters DialogFilter Peer InputPeer InputUser DialogPeer InputDialogPeer
	contacts.Contacts Contact ContactStatus
	Updates updates.State updates.Difference

	AttachMenuBots messages.AvailableReactions messages.AvailableEffects messages.Stickers messages.EmojiGroups
	messages.PeerSettings DefaultHistoryTTL help.PeerColors help.PremiumPromo contacts.ContactBirthdays
	contacts.TopPeers contacts.Blocked account.SavedRingtones account.WebBrowserSettings ReactionsNotifySettings
	account.Themes account.ChatThemes account.ContentSettings account.SavedMusicIds account.EmojiStatuses
	account.PrivacyRules`)

var watchedUpdates = set(`
	updateNewMessage updateMessageID updateDeleteMessages updateReadHistoryInbox updateReadHistoryOutbox
	updateUser updateUserStatus updateUserName updateUserPhone updateUserEmojiStatus updateNotifySettings
	updatePeerSettings updatePrivacy updateNewAuthorization updateServiceNotification updateLoginToken
	updateSentPhoneCode updateConfig updateDcOptions updateLangPack updateLangPackTooLong updatePtsChanged`)

var watchedFunctions = set(`
	invokeWithLayer initConnection invokeWithoutUpdates invokeAfterMsg invokeAfterMsgs
	help.getConfig help.getNearestDc help.getAppConfig help.getAppUpdate help.getInviteText help.getCdnConfig
	help.getCountriesList help.getTermsOfServiceUpdate help.acceptTermsOfService help.getPromoData
	langpack.getLangPack langpack.getStrings langpack.getDifference langpack.getLanguages langpack.getLanguage
	users.getUsers users.getFullUser updates.getState updates.getDifference contacts.getContacts
	messages.getDialogs messages.getPeerDialogs messages.getPinnedDialogs messages.getDialogFilters
	messages.getHistory messages.getMessages messages.readHistory
	account.updateStatus account.updateProfile account.getNotifySettings account.updateNotifySettings
	account.getPassword account.getPasswordSettings account.updatePasswordSettings account.confirmPasswordEmail
	account.resendPasswordEmail account.cancelPasswordEmail account.resetPassword account.declinePasswordReset
	account.getTmpPassword account.sendVerifyEmailCode account.verifyEmail account.deleteAccount
	account.getAuthorizations account.resetAuthorization account.setAuthorizationTTL
	account.changeAuthorizationSettings account.getWebAuthorizations account.resetWebAuthorization
	account.resetWebAuthorizations account.sendChangePhoneCode account.changePhone account.sendConfirmPhoneCode
	account.confirmPhone account.getAccountTTL account.setAccountTTL account.initPasskeyRegistration
	account.registerPasskey account.getPasskeys account.deletePasskey account.invalidateSignInCodes

	messages.getStickerSet messages.getStickers messages.getEmojiGroups messages.getCustomEmojiDocuments
	messages.getAttachMenuBots messages.getAvailableReactions messages.getAvailableEffects messages.getPeerSettings
	messages.getScheduledHistory messages.getDefaultHistoryTTL
	help.getPeerColors help.getPeerProfileColors help.getPremiumPromo
	contacts.getBirthdays contacts.getBlocked
	account.getSavedRingtones account.getWebBrowserSettings account.getReactionsNotifySettings account.getThemes
	account.getChatThemes account.getUniqueGiftChatThemes account.getContentSettings account.getSavedMusicIds
	account.getDefaultEmojiStatuses account.getPrivacy
	account.getContactSignUpNotification`)
