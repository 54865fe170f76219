// Command floor is the benchmark's client without a library: with the standard
// library and by hand it does only the work that every client must do. Its costs
// are the lower bound for a library.
package main

import (
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"runtime"

	"github.com/telekey/telekey/bench/task"
)

func main() {
	task.Main(map[string]task.Func{
		"connect":    task.Repeat(exchange()),
		"proof":      task.Repeat(hash),
		"parallel":   task.Repeat(seals()),
		"sequential": echo,
		"idle":       idle,
		"decode":     task.Decode(task.Message228, decode),
		"encode":     task.Encode(encode),
	})
}

// exchange is the unavoidable arithmetic of a key exchange: the public operation of
// RSA and two exponentiations modulo the prime.
func exchange() func() error {
	p := new(big.Int).SetBytes(task.KnownPrime())
	exponent := new(big.Int).Sub(p, big.NewInt(12345))
	return func() error {
		x := new(big.Int).Exp(exponent, big.NewInt(65537), p)
		x.Exp(big.NewInt(3), exponent, p)
		x.Exp(x, exponent, p)
		return nil
	}
}

// hash is the PBKDF2 of a password's proof.
func hash() error {
	_, err := pbkdf2.Key(sha512.New, "a hash of 32 bytes of a password", make([]byte, 40), 100_000, 64)
	return err
}

// Lengths of the bodies of help.getNearestDc and of its answer in an rpc_result.
const (
	request = 4
	answer  = 12 + 16
)

// seals is the encryption of one call and the decryption of its answer.
func seals() func() error {
	m := newMessage()
	return func() error {
		m.seal(request)
		m.open(answer)
		return nil
	}
}

// echo is one call on a socket: encryption, a system call to write and one to
// read, decryption.
func echo(in task.Input) (task.Result, error) {
	c, err := net.Dial("tcp", in.Echo)
	if err != nil {
		return task.Result{}, err
	}
	defer c.Close()
	m := newMessage()
	return task.Repeat(func() error {
		b := m.seal(request)
		binary.LittleEndian.PutUint32(m.packet[0:], uint32(len(b)))
		if _, err := c.Write(m.packet[:len(b)]); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, m.packet[:len(b)]); err != nil {
			return err
		}
		m.open(request)
		return nil
	})(in)
}

// idle is a connection and a goroutine that waits for data.
func idle(in task.Input) (task.Result, error) {
	conns := make([]net.Conn, in.Count)
	result, err := task.Idle(in.Count, func(i int) (err error) {
		if conns[i], err = net.Dial("tcp", in.Echo); err != nil {
			return err
		}
		go func() {
			length := make([]byte, 4)
			io.ReadFull(conns[i], length)
		}()
		return nil
	})
	runtime.KeepAlive(conns)
	return result, err
}
