// A go-libp2p node with go-libp2p-kad-dht that is driven by lines: one command a line, one line of JSON back for each.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multihash"
)

const limit = 30 * time.Second

func tell(message map[string]any) {
	line, _ := json.Marshal(message)
	fmt.Println(string(line))
}

func main() {
	prefix := flag.String("prefix", "/interop", "what comes before /kad/1.0.0")
	flag.Parse()
	node, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableRelay())
	check(err)
	router, err := dht.New(node, dht.Mode(dht.ModeServer), dht.ProtocolPrefix(protocol.ID(*prefix)))
	check(err)
	changes, err := node.EventBus().Subscribe(new(event.EvtPeerProtocolsUpdated))
	check(err)
	go func() {
		for change := range changes.Out() {
			told := change.(event.EvtPeerProtocolsUpdated)
			tell(map[string]any{"event": "protocols", "peer": told.Peer.String(), "added": told.Added, "removed": told.Removed})
		}
	}()
	tell(map[string]any{"event": "ready", "id": node.ID().String(), "addrs": node.Addrs()})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		if words[0] == "quit" {
			break
		}
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		result, err := run(ctx, words, node, router)
		cancel()
		answer := map[string]any{"cmd": words[0], "result": result}
		if err != nil {
			answer["error"] = err.Error()
		}
		tell(answer)
	}
}

func run(ctx context.Context, words []string, node host.Host, router *dht.IpfsDHT) (any, error) {
	if words[0] == "rt" {
		return map[string]any{"size": router.RoutingTable().Size()}, nil
	}
	if len(words) < 2 {
		return nil, fmt.Errorf("%s needs a word more", words[0])
	}
	switch words[0] {
	case "connect":
		info, err := peer.AddrInfoFromString(words[1])
		if err != nil {
			return nil, err
		}
		return nil, node.Connect(ctx, *info)
	case "provide":
		content, err := contentOf(words[1])
		if err != nil {
			return nil, err
		}
		return nil, router.Provide(ctx, content, true)
	case "findprovs":
		content, err := contentOf(words[1])
		if err != nil {
			return nil, err
		}
		found := []string{}
		for provider := range router.FindProvidersAsync(ctx, content, 20) {
			found = append(found, provider.ID.String())
		}
		return found, nil
	case "findpeer":
		id, err := peer.Decode(words[1])
		if err != nil {
			return nil, err
		}
		info, err := router.FindPeer(ctx, id)
		return info.Addrs, err
	case "closest":
		return router.GetClosestPeers(ctx, words[1])
	}
	return nil, fmt.Errorf("%s is no command", words[0])
}

func contentOf(text string) (cid.Cid, error) {
	hash, err := multihash.Sum([]byte(text), multihash.SHA2_256, -1)
	return cid.NewCidV1(cid.Raw, hash), err
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
