package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/moby/spdystream"
)

const (
	halfCloseBytes = 1 << 20
	chunkBytes     = 16 << 10

	echo          = "/echo/1.0.0"
	ping          = "/ipfs/ping/1.0.0"
	listenerFirst = "/interop/listener-first/1.0.0"
	dialerFirst   = "/interop/dialer-first/1.0.0"
	reset         = "/interop/reset/1.0.0"
	hold          = "/interop/hold/1.0.0"
)

// What a scenario's name of a protocol stands for.
var protocols = map[string]string{
	"listenerFirst": listenerFirst,
	"dialerFirst":   dialerFirst,
	"reset":         reset,
	"hold":          hold,
}

type digest struct {
	Bytes  int    `json:"bytes"`
	Sha256 string `json:"sha256"`
}

type exchange struct {
	Sent     digest `json:"sent"`
	Received digest `json:"received"`
}

type ending struct {
	Error string `json:"error"`
}

func (n *node) call(asked request) (any, error) {
	switch asked.Method {
	case "start":
		return map[string]any{"peerId": peerID, "addrs": []string{n.addr()}}, nil
	case "dial":
		session, err := n.dial(asked.Params.Addr)
		n.dialed = session
		return map[string]string{"remotePeer": lastPart(asked.Params.Addr)}, err
	case "connections":
		return n.open.Load(), nil
	case "close":
		return nil, n.dialed.Close()
	case "outcome":
		return <-n.outcome(protocols[asked.Params.Protocol]), nil
	}
	if act := acts[asked.Method]; act.protocol != "" {
		stream, err := n.newStream(act.protocol)
		if err != nil {
			return nil, err
		}
		return act.do(stream, asked.Params.Bytes)
	}
	return nil, fmt.Errorf("there is no method %s", asked.Method)
}

// What the side that dialed does, and on which protocol.
var acts = map[string]struct {
	protocol string
	do       func(stream *spdystream.Stream, size int) (any, error)
}{
	"ping": {ping, func(stream *spdystream.Stream, _ int) (any, error) {
		sent, received := make([]byte, 32), make([]byte, 32)
		rand.Read(sent)
		began := time.Now()
		stream.Write(sent)
		_, err := io.ReadFull(stream, received)
		if err == nil && !bytes.Equal(sent, received) {
			err = fmt.Errorf("%x came back as %x", sent, received)
		}
		took := float64(time.Since(began).Microseconds()) / 1000
		stream.Close()
		return took, err
	}},
	"echo":          {echo, sendWhileReading},
	"listenerFirst": {listenerFirst, func(stream *spdystream.Stream, _ int) (any, error) { return readThenSend(stream) }},
	"dialerFirst":   {dialerFirst, func(stream *spdystream.Stream, _ int) (any, error) { return sendWhileReading(stream, halfCloseBytes) }},
	"resetByListener": {reset, func(stream *spdystream.Stream, _ int) (any, error) {
		stream.Write([]byte{1})
		return untilEnd(stream), nil
	}},
	"resetByDialer": {hold, func(stream *spdystream.Stream, _ int) (any, error) {
		stream.Write([]byte{1})
		if _, err := io.ReadFull(stream, make([]byte, 1)); err != nil {
			return nil, err
		}
		return nil, stream.Reset()
	}},
}

// handle serves a stream that the remote opened.
func (n *node) handle(stream *spdystream.Stream) {
	protocol, err := accept(stream, echo, ping, listenerFirst, dialerFirst, reset, hold)
	if err != nil {
		stream.Close()
		return
	}
	var result any
	switch protocol {
	case echo, ping:
		io.Copy(stream, stream)
		stream.Close()
		return
	case listenerFirst:
		result, err = sendWhileReading(stream, halfCloseBytes)
	case dialerFirst:
		result, err = readThenSend(stream)
	case reset:
		io.ReadFull(stream, make([]byte, 1))
		err = stream.Reset()
	case hold:
		io.ReadFull(stream, make([]byte, 1))
		stream.Write([]byte{1})
		result = untilEnd(stream)
	}
	if err != nil {
		result = ending{err.Error()}
	}
	n.outcome(protocol) <- result
}

func sendWhileReading(stream *spdystream.Stream, size int) (any, error) {
	received := make(chan digest)
	go func() { received <- readAll(stream) }()
	sent, err := send(stream, size)
	return exchange{sent, <-received}, err
}

func readThenSend(stream *spdystream.Stream) (any, error) {
	received := readAll(stream)
	sent, err := send(stream, halfCloseBytes)
	return exchange{sent, received}, err
}

// untilEnd reads to the end: spdystream shows a reset as one.
func untilEnd(stream *spdystream.Stream) ending {
	io.Copy(io.Discard, stream)
	return ending{"ended"}
}

func readAll(stream *spdystream.Stream) digest {
	hash := sha256.New()
	size, _ := io.Copy(hash, stream)
	return digest{int(size), hex.EncodeToString(hash.Sum(nil))}
}

func send(stream *spdystream.Stream, size int) (digest, error) {
	message := make([]byte, size)
	rand.Read(message)
	for rest := message; len(rest) > 0; {
		chunk := rest[:min(len(rest), chunkBytes)]
		if _, err := stream.Write(chunk); err != nil {
			return digest{}, err
		}
		rest = rest[len(chunk):]
	}
	hash := sha256.Sum256(message)
	return digest{size, hex.EncodeToString(hash[:])}, stream.Close()
}
