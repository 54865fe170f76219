package cli

import (
	"cmp"
	"strconv"

	"github.com/telekey/telekey/dc"
	"github.com/telekey/telekey/internal/input"
)

// appID is --api-id, read as TELEKEY_API_ID is: 010 is 10.
type appID int

// Set reads the flag.
func (id *appID) Set(text string) error {
	n, err := input.AppID(text)
	if err == nil {
		*id = appID(n)
	}
	return err
}

// String is the id; empty if there is none.
func (id *appID) String() string {
	if *id == 0 {
		return ""
	}
	return strconv.Itoa(int(*id))
}

// Type is what help calls a value.
func (id *appID) Type() string { return "id" }

// What a network of one's own is told, which takes any application.
const (
	localAppID   = 12345
	localAppHash = "0123456789abcdef0123456789abcdef"
)

// app is the application's id and hash: from flags, from the environment, or on
// a network that is not Telegram's made up.
func (p *program) app(f *connection, network dc.Network) (id int, hash string, err error) {
	id, hash = int(f.appID), cmp.Or(input.Trim(f.appHash), p.setting("TELEKEY_API_HASH"))
	if text := p.setting("TELEKEY_API_ID"); id == 0 && text != "" {
		if id, err = input.AppID(text); err != nil {
			return 0, "", config("TELEKEY_API_ID: %v", err)
		}
	}
	switch {
	case !network.IsTelegram():
		id, hash = cmp.Or(id, localAppID), cmp.Or(hash, localAppHash)
	case id == 0 || hash == "":
		return 0, "", config("Telegram wants an application's id and hash: get them at https://my.telegram.org and give --api-id and --api-hash, or set TELEKEY_API_ID and TELEKEY_API_HASH")
	}
	return id, hash, nil
}
