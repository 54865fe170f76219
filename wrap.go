package telekey

import (
	"github.com/telekey/telekey/tg"
	"github.com/telekey/telekey/tl"
)

// wrapped puts a call into initConnection and invokeWithLayer.
//
// The first call on a key says which layer the client speaks and what it is;
// the server keeps both with the key.
// https://core.telegram.org/api/invoking#saving-client-info
func (cfg *Config) wrapped(request []byte) ([]byte, error) {
	inner, err := tg.Schema.Append(nil, &tg.InitConnection{
		APIID:          int32(cfg.AppID),
		DeviceModel:    cfg.Device.Model,
		SystemVersion:  cfg.Device.System,
		AppVersion:     cfg.Device.AppVersion,
		SystemLangCode: cfg.Device.Language,
		LangPack:       "", // only Telegram's own apps have one
		LangCode:       cfg.Device.Language,
		Query:          request,
	})
	if err != nil {
		return nil, err
	}
	return tg.Schema.Append(nil, &tg.InvokeWithLayer{Layer: tg.Layer, Query: tl.Raw(inner)})
}
