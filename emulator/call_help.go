package emulator

import (
	"time"

	"github.com/telekey/telekey/tg"
)

// getAppConfig answers help.getAppConfig with the few keys that concern signing
// in.
// https://core.telegram.org/api/config#client-configuration
func getAppConfig(w *world, c *caller, _ time.Time, q *tg.HelpGetAppConfig) (tg.AnyHelpAppConfig, *refusal) {
	hash := int32(2) // of the answer below
	var more []*tg.JSONObjectValue
	if a := c.account(); a != nil && a.frozen != nil {
		more = a.frozen.appConfig()
		hash = a.frozen.hash()
	}
	if q.Hash == hash {
		return &tg.HelpAppConfigNotModified{}, nil
	}
	return &tg.HelpAppConfig{Hash: hash, Config: &tg.JSONObject{Value: append([]*tg.JSONObjectValue{
		{Key: "test", Value: &tg.JSONNumber{Value: 1}},
		{Key: "qr_login_camera", Value: &tg.JSONBool{Value: true}},
		{Key: "qr_login_code", Value: &tg.JSONString{Value: "primary"}},
		{Key: "authorization_autoconfirm_period", Value: &tg.JSONNumber{Value: confirmTime.Seconds()}},
		{Key: "settings_display_passkeys", Value: &tg.JSONBool{Value: w.passkeys != nil}},
		{Key: "passkeys_account_passkeys_max", Value: &tg.JSONNumber{Value: maxPasskeys}},
	}, more...)}}, nil
}

// getCountriesList answers help.getCountriesList with a short list: enough to
// see that the answer is read.
// https://core.telegram.org/method/help.getCountriesList
func getCountriesList(_ *world, _ *caller, _ time.Time, q *tg.HelpGetCountriesList) (tg.AnyHelpCountriesList, *refusal) {
	const hash = 1
	if q.Hash == hash {
		return &tg.HelpCountriesListNotModified{}, nil
	}
	country := func(iso2, name, code string) *tg.HelpCountry {
		return &tg.HelpCountry{Iso2: iso2, DefaultName: name, CountryCodes: []*tg.HelpCountryCode{{CountryCode: code}}}
	}
	return &tg.HelpCountriesList{Hash: hash, Countries: []*tg.HelpCountry{
		country("FT", "Anonymous Numbers", "888"),
		country("GB", "United Kingdom", "44"),
		country("US", "USA", "1"),
	}}, nil
}

// getCdnConfig answers help.getCdnConfig: there are no CDN data centres.
// https://core.telegram.org/method/help.getCdnConfig
func getCdnConfig(_ *world, _ *caller, _ time.Time, _ *tg.HelpGetCdnConfig) (*tg.CdnConfig, *refusal) {
	return &tg.CdnConfig{}, nil
}

// getInviteText answers help.getInviteText.
// https://core.telegram.org/method/help.getInviteText
func getInviteText(_ *world, _ *caller, _ time.Time, _ *tg.HelpGetInviteText) (*tg.HelpInviteText, *refusal) {
	return &tg.HelpInviteText{Message: "Nobody can be invited to a local Telegram."}, nil
}

// getDeepLinkInfo answers help.getDeepLinkInfo: no link is known.
// https://core.telegram.org/method/help.getDeepLinkInfo
func getDeepLinkInfo(_ *world, _ *caller, _ time.Time, _ *tg.HelpGetDeepLinkInfo) (tg.AnyHelpDeepLinkInfo, *refusal) {
	return &tg.HelpDeepLinkInfoEmpty{}, nil
}

// saveAppLog answers help.saveAppLog and keeps nothing.
// https://core.telegram.org/method/help.saveAppLog
func saveAppLog(_ *world, _ *caller, _ time.Time, _ *tg.HelpSaveAppLog) (bool, *refusal) {
	return true, nil
}

// getPromoData answers help.getPromoData: nothing is promoted.
// https://core.telegram.org/method/help.getPromoData
func getPromoData(_ *world, _ *caller, now time.Time, _ *tg.HelpGetPromoData) (tg.AnyHelpPromoData, *refusal) {
	return &tg.HelpPromoDataEmpty{Expires: unix(now.Add(24 * time.Hour))}, nil
}
