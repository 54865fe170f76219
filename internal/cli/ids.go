package cli

import (
	"slices"
	"strings"
)

// idsLast puts ids that begin with a minus sign behind a --, because cobra would
// take them for flags: half of those of devices do, and some of passkeys.
func idsLast(args []string) []string {
	first := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if first < 0 || args[first] != "devices" && args[first] != "passkey" {
		return args
	}
	var others, ids []string
	for i, arg := range args {
		switch {
		case arg == "--":
			return slices.Concat(others, args[i:i+1], ids, args[i+1:])
		case looksLikeID(arg):
			ids = append(ids, arg)
		default:
			others = append(others, arg)
		}
	}
	if len(ids) == 0 {
		return args
	}
	return slices.Concat(others, []string{"--"}, ids)
}

// looksLikeID tells ids from flags, none of which has one minus sign and more than
// a letter.
func looksLikeID(arg string) bool {
	return len(arg) > 2 && arg[0] == '-' && arg[1] != '-'
}
