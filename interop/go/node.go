package main

import (
	"crypto/rand"
	"fmt"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	tls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

type settings struct {
	listen bool
	// where to listen; empty for any port of the address in the environment
	addr string
	// nil for one of the kind in the environment
	identity crypto.PrivKey
}

// newNode makes the host that the environment describes, with our protocols on it.
func newNode(s settings) (host.Host, error) {
	if transport := variable("transport", "tcp"); transport != "tcp" {
		return nil, fmt.Errorf("transport %q is not one of tcp", transport)
	}
	if muxer := variable("muxer", "yamux"); muxer != "yamux" {
		return nil, fmt.Errorf("muxer %q is not one of yamux", muxer)
	}
	security, err := securityOption(variable("security", "noise"))
	if err != nil {
		return nil, err
	}
	if s.identity == nil {
		if s.identity, err = newKey(variable("identity", "ed25519")); err != nil {
			return nil, err
		}
	}
	addresses := libp2p.NoListenAddrs
	if s.listen {
		if s.addr == "" {
			s.addr = fmt.Sprintf("/ip4/%s/tcp/0", variable("ip", "0.0.0.0"))
		}
		addresses = libp2p.ListenAddrStrings(s.addr)
	}
	node, err := libp2p.New(
		addresses,
		libp2p.Identity(s.identity),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		security,
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
	)
	if err != nil {
		return nil, err
	}
	node.SetStreamHandler(echoProtocol, serveEcho)
	node.SetStreamHandler(perfProtocol, servePerf)
	return node, nil
}

func securityOption(name string) (libp2p.Option, error) {
	switch name {
	case "noise":
		return libp2p.Security(noise.ID, noise.New), nil
	case "tls":
		return libp2p.Security(tls.ID, tls.New), nil
	case "plaintext":
		return libp2p.NoSecurity, nil
	}
	return nil, fmt.Errorf("security %q is not one of noise, tls, plaintext", name)
}

func newKey(kind string) (crypto.PrivKey, error) {
	kinds := map[string]int{
		"ed25519":   crypto.Ed25519,
		"rsa":       crypto.RSA,
		"secp256k1": crypto.Secp256k1,
		"ecdsa":     crypto.ECDSA,
	}
	number, there := kinds[kind]
	if !there {
		return nil, fmt.Errorf("identity %q is not one of ed25519, rsa, secp256k1, ecdsa", kind)
	}
	const rsaBits = 2048
	key, _, err := crypto.GenerateKeyPairWithReader(number, rsaBits, rand.Reader)
	return key, err
}
