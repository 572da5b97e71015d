package main

import (
	"fmt"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
)

// Not /ipfs, so that no node of the public DHT and none of these take each other for one of their own.
const dhtPrefix = "/interop"

// joinDHT has the node serve a DHT where the environment asks for one: what that is, nil where there is none.
func joinDHT(node host.Host) (map[string]string, error) {
	mode := variable("dht", "")
	if mode == "" {
		return nil, nil
	}
	if mode != "server" {
		return nil, fmt.Errorf("dht %q is not one of server", mode)
	}
	if _, err := dht.New(node, dht.Mode(dht.ModeServer), dht.ProtocolPrefix(dhtPrefix)); err != nil {
		return nil, err
	}
	return map[string]string{"mode": mode, "protocol": dhtPrefix + "/kad/1.0.0"}, nil
}
