package emulator

import (
	"encoding/json"
	"time"

	"github.com/telekey/telekey/tg"
)

// termsID names the terms of this server, in the form in which real ones are
// named: an object that a client hands back as it came.
const termsID = `{"service":"telekey emulator","version":1}`

// termsOfService are shown to whoever signs up, with the age that he has to say
// he is of, if any.
// https://core.telegram.org/constructor/help.termsOfService
func (w *world) termsOfService() *tg.HelpTermsOfService {
	terms := &tg.HelpTermsOfService{
		Popup: true,
		ID:    &tg.DataJSON{Data: termsID},
		Text: "This is a local Telegram for trying things out. " +
			"By signing up you agree that everything in it is forgotten when it ends.",
	}
	if w.minAge > 0 {
		terms.MinAgeConfirm = new(int32(w.minAge))
	}
	return terms
}

// acceptTermsOfService answers help.acceptTermsOfService. Some clients say it
// before signing up, most after.
// https://core.telegram.org/method/help.acceptTermsOfService
func acceptTermsOfService(_ *world, _ *caller, _ time.Time, q *tg.HelpAcceptTermsOfService) (bool, *refusal) {
	var id struct {
		Service string
		Version int
	}
	if json.Unmarshal([]byte(q.ID.Data), &id) != nil || id.Version != 1 {
		return false, dataJSONInvalid
	}
	return true, nil
}

// getTermsOfServiceUpdate answers help.getTermsOfServiceUpdate: there is
// nothing new to agree to.
// https://core.telegram.org/method/help.getTermsOfServiceUpdate
func getTermsOfServiceUpdate(_ *world, _ *caller, now time.Time, _ *tg.HelpGetTermsOfServiceUpdate) (tg.AnyHelpTermsOfServiceUpdate, *refusal) {
	return &tg.HelpTermsOfServiceUpdateEmpty{Expires: unix(now.Add(24 * time.Hour))}, nil
}
