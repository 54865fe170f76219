package auth

import (
	"maps"
	"slices"
)

// StateNames returns the name of every state of a flow.
func StateNames() []string { return slices.Clone(stateNames[:]) }

// TaskNames returns the name of every task; the empty one is a sign-in.
func TaskNames() []string {
	names := []string{}
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		names = append(names, string(name))
	}
	return names
}
