package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
)

const (
	echoProtocol = "/echo/1.0.0"
	echoBytes    = 1 << 20
	perfBytes    = 8 << 20
)

// runChecks tells what this node saw of the connection, and whether more than ping works on it: a value or
// {"error": "..."} for each.
func runChecks(ctx context.Context, node host.Host, remote peer.ID) map[string]any {
	results := map[string]any{}
	for name, run := range map[string]func() (any, error){
		"connection": func() (any, error) { return connectionState(node, remote) },
		"identify":   func() (any, error) { return identified(ctx, node, remote) },
		"echo":       func() (any, error) { return echo(ctx, node, remote) },
		"upload":     func() (any, error) { return perfBytes, measure(ctx, node, remote, perfBytes, 0) },
		"download":   func() (any, error) { return perfBytes, measure(ctx, node, remote, 0, perfBytes) },
	} {
		value, err := run()
		if err != nil {
			value = map[string]string{"error": err.Error()}
		}
		results[name] = value
	}
	return results
}

func connectionState(node host.Host, remote peer.ID) (any, error) {
	conns := node.Network().ConnsToPeer(remote)
	if len(conns) != 1 {
		return nil, fmt.Errorf("%d connections", len(conns))
	}
	state := conns[0].ConnState()
	return map[string]any{
		"remoteKey":  strings.ToLower(conns[0].RemotePublicKey().Type().String()),
		"security":   state.Security,
		"muxer":      state.StreamMultiplexer,
		"earlyMuxer": state.UsedEarlyMuxerNegotiation,
	}, nil
}

// identified waits for the answer to identify, which go-libp2p asks for by itself.
func identified(ctx context.Context, node host.Host, remote peer.ID) (any, error) {
	done, err := node.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted), eventbus.BufSize(1))
	if err != nil {
		return nil, err
	}
	defer done.Close()
	agent, err := node.Peerstore().Get(remote, "AgentVersion")
	for err != nil {
		select {
		case <-done.Out():
			agent, err = node.Peerstore().Get(remote, "AgentVersion")
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		}
	}
	protocols, err := node.Peerstore().GetProtocols(remote)
	return map[string]any{"agent": agent, "protocols": protocols}, err
}

func echo(ctx context.Context, node host.Host, remote peer.ID) (any, error) {
	stream, err := node.NewStream(ctx, remote, echoProtocol)
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	sent := make([]byte, echoBytes)
	rand.Read(sent)
	written := make(chan error, 1)
	go func() {
		_, err := stream.Write(sent)
		written <- errors.Join(err, stream.CloseWrite())
	}()
	received, err := io.ReadAll(stream)
	if err = errors.Join(err, <-written); err != nil {
		return nil, err
	}
	if !bytes.Equal(sent, received) {
		return nil, fmt.Errorf("%d bytes came back, not those that were sent", len(received))
	}
	return len(received), nil
}

func serveEcho(stream network.Stream) {
	if _, err := io.Copy(stream, stream); err != nil {
		stream.Reset()
		return
	}
	stream.Close()
}
