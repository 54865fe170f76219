package tdlib

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/telekey/telekey/dc"
)

// maxLibrary bounds a library, in bytes: TDLib's are 50 to 60 MB.
const maxLibrary = 256 << 20

// PatchFile writes the patched copy of the library in to out, whose name has the
// Mark in it. Neither in nor any other file is written over.
func PatchFile(in, out string, network dc.Network) error {
	if !strings.Contains(filepath.Base(out), Mark) {
		return fmt.Errorf("got the name %s, want one with %s in it, as libtdjson-%s.so: it keeps the copy apart from TDLib", out, Mark, Mark)
	}
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("%s exists, and is not written over: remove it, or give another name", out)
	}
	library, err := readLibrary(in)
	if err != nil {
		return err
	}
	patched, err := Patch(library, network)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return write(out, patched)
}

func readLibrary(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	library, err := io.ReadAll(io.LimitReader(file, maxLibrary+1))
	if err == nil && len(library) > maxLibrary {
		err = fmt.Errorf("%s: got more than %d MiB, want TDLib's libtdjson", path, maxLibrary>>20)
	}
	return library, err
}

// write gives a file its name when it is whole.
func write(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(0o755), file.Close())
	if err != nil {
		return err
	}
	// A link, unlike a rename, fails if there is a file of that name by now.
	return os.Link(file.Name(), path)
}
