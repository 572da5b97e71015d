package main

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// specs/perf: the client sends how many bytes it wants as a uint64, big-endian, then its own bytes until it closes its
// side; the server sends what was asked for.
const perfProtocol = "/perf/1.0.0"

const blockBytes = 64 << 10

// runPerf is the perf convention: flags in, JSON lines out.
func runPerf() {
	server := flag.Bool("run-server", false, "serve")
	address := flag.String("server-address", "", "host:port")
	flag.String("transport", "tcp", "tcp")
	upload := flag.Uint64("upload-bytes", 0, "bytes to send")
	download := flag.Uint64("download-bytes", 0, "bytes to ask for")
	flag.Parse()
	ip, port, err := net.SplitHostPort(*address)
	check(err)
	addr := fmt.Sprintf("/ip4/%s/tcp/%s", ip, port)

	// The server's key is that of a seed of zeros, so that clients know its id beforehand.
	seeded := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	serverKey, public, err := crypto.KeyPairFromStdKey(&seeded)
	check(err)
	if *server {
		_, err = newNode(settings{listen: true, addr: addr, identity: serverKey})
		check(err)
		select {}
	}

	id, err := peer.IDFromPublicKey(public)
	check(err)
	remote, err := peer.AddrInfoFromString(addr + "/p2p/" + id.String())
	check(err)
	node, err := newNode(settings{})
	check(err)
	start := time.Now()
	check(node.Connect(context.Background(), *remote))
	check(measure(context.Background(), node, id, *upload, *download))
	line, err := json.Marshal(map[string]any{
		"type":          "final",
		"timeSeconds":   time.Since(start).Seconds(),
		"uploadBytes":   *upload,
		"downloadBytes": *download,
	})
	check(err)
	fmt.Println(string(line))
}

func measure(ctx context.Context, node host.Host, remote peer.ID, upload, download uint64) error {
	stream, err := node.NewStream(ctx, remote, perfProtocol)
	if err != nil {
		return err
	}
	defer stream.Reset()
	request := binary.BigEndian.AppendUint64(nil, download)
	if _, err := stream.Write(request); err != nil {
		return err
	}
	if err := errors.Join(sendZeros(stream, upload), stream.CloseWrite()); err != nil {
		return err
	}
	received, err := io.Copy(io.Discard, stream)
	if err == nil && uint64(received) != download {
		err = fmt.Errorf("%d bytes came of %d", received, download)
	}
	return err
}

func servePerf(stream network.Stream) {
	request := make([]byte, 8)
	_, err := io.ReadFull(stream, request)
	if err == nil {
		_, err = io.Copy(io.Discard, stream)
	}
	if err == nil {
		err = sendZeros(stream, binary.BigEndian.Uint64(request))
	}
	if err != nil {
		stream.Reset()
		return
	}
	stream.Close()
}

func sendZeros(to io.Writer, count uint64) error {
	block := make([]byte, blockBytes)
	for count > 0 {
		n, err := to.Write(block[:min(count, blockBytes)])
		if err != nil {
			return err
		}
		count -= uint64(n)
	}
	return nil
}
