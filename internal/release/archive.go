package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// file is one file of an archive.
type file struct {
	name    string
	mode    os.FileMode
	content []byte
}

// archive builds the command for a platform and writes its archive and its bill of
// materials.
func archive(p platform, version string, made time.Time, work, out string) error {
	program := filepath.Join(work, p.program())
	if err := build(p, version, program); err != nil {
		return err
	}
	modules, err := modulesOf(program)
	if err != nil {
		return err
	}
	licences, err := thirdParty(modules)
	if err != nil {
		return err
	}
	bill, err := billOfMaterials(p, version, made, modules)
	if err != nil {
		return err
	}
	files := []file{{"THIRD_PARTY_LICENCES.txt", 0o644, licences}, {"telekey.cdx.json", 0o644, bill}}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", program} {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		mode := os.FileMode(0o644)
		if name == program {
			mode = 0o755
		}
		files = append(files, file{filepath.Base(name), mode, b})
	}
	name := fmt.Sprintf("telekey_%s_%s", strings.TrimPrefix(version, "v"), p)
	if err := os.WriteFile(filepath.Join(out, name+".cdx.json"), bill, 0o644); err != nil {
		return err
	}
	if p.os == "windows" {
		return write(filepath.Join(out, name+".zip"), name, made, files, writeZip)
	}
	return write(filepath.Join(out, name+".tar.gz"), name, made, files, writeTar)
}

// write makes an archive in which all files are in one directory.
func write(path, directory string, made time.Time, files []file, pack func(*bytes.Buffer, time.Time, []file) error) error {
	var b bytes.Buffer
	for i := range files {
		files[i].name = directory + "/" + files[i].name
	}
	if err := pack(&b, made, files); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func writeTar(b *bytes.Buffer, made time.Time, files []file) error {
	z, err := gzip.NewWriterLevel(b, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(z)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: int64(f.mode), Size: int64(len(f.content)), ModTime: made, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		if _, err := w.Write(f.content); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return z.Close()
}

func writeZip(b *bytes.Buffer, made time.Time, files []file) error {
	w := zip.NewWriter(b)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: made}
		header.SetMode(f.mode)
		entry, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(f.content); err != nil {
			return err
		}
	}
	return w.Close()
}

// writeChecksums writes the SHA-256 of every file, as sha256sum -c reads it.
func writeChecksums(out string) error {
	const name = "SHA256SUMS"
	entries, err := os.ReadDir(out)
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, entry := range entries {
		if entry.Name() == name {
			continue
		}
		b, err := os.ReadFile(filepath.Join(out, entry.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(b), entry.Name())
	}
	return os.WriteFile(filepath.Join(out, name), sums.Bytes(), 0o644)
}
