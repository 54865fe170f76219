package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

var made = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// read returns the names in an archive with their modes, and their contents.
func read(t *testing.T, path string) (names []string, contents map[string]string) {
	t.Helper()
	contents = map[string]string{}
	if strings.HasSuffix(path, ".zip") {
		r, err := zip.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for _, f := range r.File {
			content, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(content)
			names, contents[f.Name] = append(names, f.Name+" "+f.Mode().String()), string(b)
		}
		return names, contents
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return names, contents
		}
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r)
		names, contents[h.Name] = append(names, h.Name+" "+h.FileInfo().Mode().String()), string(b)
	}
}

func TestArchivesOfOneCommitAreEqualAndHoldEverything(t *testing.T) {
	files := func() []file {
		return []file{{"LICENSE", 0o644, []byte("text")}, {"telekey", 0o755, []byte("program")}}
	}
	for name, pack := range map[string]func(*bytes.Buffer, time.Time, []file) error{"a.tar.gz": writeTar, "a.zip": writeZip} {
		one, two := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), name)
		for _, path := range []string{one, two} {
			if err := write(path, "telekey_1", made, files(), pack); err != nil {
				t.Fatal(err)
			}
		}
		a, _ := os.ReadFile(one)
		b, _ := os.ReadFile(two)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two archives differ", name)
		}
		names, contents := read(t, one)
		if strings.Join(names, ", ") != "telekey_1/LICENSE -rw-r--r--, telekey_1/telekey -rwxr-xr-x" || contents["telekey_1/telekey"] != "program" {
			t.Errorf("%s: got %v, %v", name, names, contents)
		}
	}
}

func TestAProgramsLicencesAreThoseOfItsModules(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	modules, err := modulesOf(program)
	if err != nil {
		t.Fatal(err)
	}
	licences := map[string]string{}
	for _, m := range modules {
		licences[m.path] = m.licence
	}
	if licences["std"] != "BSD-3-Clause" || licences["github.com/CycloneDX/cyclonedx-go"] != "Apache-2.0" || licences["github.com/google/licensecheck"] != "BSD-3-Clause" {
		t.Errorf("got %v", licences)
	}
	text, err := thirdParty(modules)
	if err != nil || !strings.Contains(string(text), "github.com/google/licensecheck v0.3.1 (BSD-3-Clause)") || !strings.Contains(string(text), "Redistributions of source code must retain") {
		t.Errorf("got %v, %s", err, text)
	}
	bill, err := billOfMaterials(platforms[0], "v0.1.0", made, modules)
	if err != nil {
		t.Fatal(err)
	}
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(bytes.NewReader(bill), cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	if bom.Metadata.Timestamp != "2026-03-14T15:09:26Z" || len(*bom.Components) != len(modules) || len(*(*bom.Dependencies)[0].Dependencies) != len(modules) {
		t.Errorf("got %s", bill)
	}
}

func TestAModuleWithoutALicenceIsNotPassedOn(t *testing.T) {
	if _, err := licensed(module{path: "example.org/m", version: "v1.0.0"}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "example.org/m v1.0.0") {
		t.Errorf("got %v, want an error that names the module", err)
	}
}

func TestChecksumsNameEveryFileButThemselves(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "a", "SHA256SUMS"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeChecksums(dir); err != nil {
		t.Fatal(err)
	}
	const sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	if b, _ := os.ReadFile(filepath.Join(dir, "SHA256SUMS")); string(b) != sum+"  a\n"+sum+"  b\n" {
		t.Errorf("got %s", b)
	}
}
