package cli

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/telekey/telekey/tg"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and the API layer it speaks",
		Args:  arguments(0, 0),
		RunE: p.run(func(context.Context, []string) error {
			v := struct {
				Version string `json:"version"`
				Layer   int    `json:"layer"`
				Go      string `json:"go"`
			}{version(), tg.Layer, runtime.Version()}
			return p.print(v, "telekey %s, layer %d, %s", v.Version, v.Layer, v.Go)
		}),
	}
}

// released is the version of a release, which its build sets.
var released string

// version returns the version of a release, or the module's version as the build
// noted it.
func version() string {
	if released != "" {
		return released
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}
