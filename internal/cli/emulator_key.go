package cli

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

const (
	privateKey = "RSA PRIVATE KEY"
	maxKeyFile = 16 << 10 // bytes
)

// keyFile reads the emulator's private key, or makes it if there is no such file.
func keyFile(path string) (*rsa.PrivateKey, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	return key, err
}

func readKey(path string) (*rsa.PrivateKey, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: got no regular file, want one with a private key", path)
	}
	// Windows has no such bits.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s: got the mode %#o, want a private key that its owner alone can read: chmod 600", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, err
	}
	key, err := parsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove the file and another key is made", path, err)
	}
	return key, nil
}

// parsePrivateKey names no bytes of what it reads.
func parsePrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != privateKey || len(rest) != 0 {
		return nil, fmt.Errorf("got no single PEM block %s", privateKey)
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil || key.N.BitLen() != 2048 {
		return nil, errors.New("got a damaged RSA key or one of another size, want one of 2048 bits")
	}
	return key, nil
}

// makeKey writes a new key. Another process that makes the file first keeps it.
func makeKey(path string) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	// Two JavaScript clients cannot find a fingerprint with a leading zero.
	for err == nil && fingerprint(&key.PublicKey)>>60 == 0 {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	err = pem.Encode(file, &pem.Block{Type: privateKey, Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err = errors.Join(err, file.Close()); err != nil {
		os.Remove(path)
		return nil, err
	}
	return key, nil
}
