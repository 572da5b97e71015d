package main

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

// neighbours keeps whom multicast DNS has found.
type neighbours struct {
	lock    sync.Mutex
	found   map[string][]string
	waiting map[string][]func([]string)
}

// HandlePeerFound is called by the discovery, for a peer again and again.
func (n *neighbours) HandlePeerFound(info peer.AddrInfo) {
	addrs := []string{}
	for _, addr := range info.Addrs {
		addrs = append(addrs, addr.String())
	}
	id := info.ID.String()
	n.lock.Lock()
	waiting := n.waiting[id]
	delete(n.waiting, id)
	n.found[id] = addrs
	n.lock.Unlock()
	for _, tell := range waiting {
		tell(addrs)
	}
}

func (n *neighbours) whenFound(id string, tell func([]string)) {
	n.lock.Lock()
	addrs, known := n.found[id]
	if !known {
		n.waiting[id] = append(n.waiting[id], tell)
	}
	n.lock.Unlock()
	if known {
		tell(addrs)
	}
}

// runMdns serves the peer protocol of JSON lines: `start`, then `found` for each peer that is waited for.
func runMdns() {
	near := &neighbours{found: map[string][]string{}, waiting: map[string][]func([]string){}}
	var writing sync.Mutex
	answer := func(id int, result any) {
		writing.Lock()
		defer writing.Unlock()
		check(json.NewEncoder(os.Stdout).Encode(map[string]any{"id": id, "result": result}))
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var call struct {
			ID     int
			Method string
			Params struct{ Peer string }
		}
		check(json.Unmarshal(lines.Bytes(), &call))
		switch call.Method {
		case "start":
			node, err := newNode(settings{listen: true})
			check(err)
			check(mdns.NewMdnsService(node, "", near).Start())
			addrs, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(node))
			check(err)
			answer(call.ID, map[string]any{"peerId": node.ID().String(), "addrs": addrs})
		case "found":
			near.whenFound(call.Params.Peer, func(addrs []string) {
				answer(call.ID, map[string]any{"multiaddrs": addrs})
			})
		}
	}
}
