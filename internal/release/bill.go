package main

import (
	"bytes"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// billOfMaterials lists what a program is made of.
//
// https://cyclonedx.org/docs/1.6/json/
func billOfMaterials(p platform, version string, made time.Time, modules []module) ([]byte, error) {
	bom := cdx.NewBOM()
	bom.SerialNumber = "" // one at random would differ in every build
	name := "github.com/telekey/telekey"
	bom.Metadata = &cdx.Metadata{
		Timestamp: made.Format(time.RFC3339),
		Component: &cdx.Component{
			BOMRef: "telekey", Type: cdx.ComponentTypeApplication, Name: "telekey", Version: version,
			PackageURL: "pkg:golang/" + name + "@" + version + "?goarch=" + p.arch + "&goos=" + p.os + "&type=module",
			Licenses:   &cdx.Licenses{{License: &cdx.License{ID: "MIT"}}},
		},
	}
	var components []cdx.Component
	var needed []string
	for _, m := range modules {
		url := "pkg:golang/" + m.path + "@" + m.version + "?type=module"
		needed = append(needed, url)
		component := cdx.Component{
			BOMRef: url, Type: cdx.ComponentTypeLibrary, Name: m.path, Version: m.version, PackageURL: url,
			Licenses: &cdx.Licenses{{Expression: m.licence}},
		}
		if m.sum != "" {
			component.Properties = &[]cdx.Property{{Name: "go:sum", Value: m.sum}}
		}
		components = append(components, component)
	}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: "telekey", Dependencies: &needed}}
	var b bytes.Buffer
	encoder := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON)
	encoder.SetPretty(true)
	err := encoder.Encode(bom)
	return b.Bytes(), err
}
