package input

import (
	"fmt"
	"math"
	"strconv"
)

// AppID reads an application's id, api_id. It is an int of the API, 32 bits; a bot's
// number, which people take for it, has more.
//
// https://core.telegram.org/api/obtaining_api_id
func AppID(s string) (int, error) {
	n, err := strconv.ParseInt(inASCII(Trim(s)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("got %q for the application's id, want 1 to %d: take api_id from https://my.telegram.org", s, math.MaxInt32)
	}
	return int(n), CheckAppID(n)
}

// CheckAppID refuses an application's id that cannot be one.
func CheckAppID(id int64) error {
	if id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("got the application's id %d, want 1 to %d: take api_id from https://my.telegram.org", id, math.MaxInt32)
	}
	return nil
}
