// A go-libp2p node behind the conventions of libp2p/test-plans (../README.md, "Foreign peers").
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/redis/go-redis/v9"
)

const addressList = "listenerAddr"

func main() {
	log.SetOutput(os.Stderr)
	if len(os.Args) > 1 && os.Args[1] == "mdns" {
		runMdns()
		return
	}
	if len(os.Args) > 1 {
		runPerf()
		return
	}
	seconds, err := strconv.Atoi(variable("test_timeout_seconds", "180"))
	check(err)
	limit := time.Duration(seconds) * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	list := redis.NewClient(&redis.Options{Addr: variable("redis_addr", "redis:6379")})
	if os.Getenv("is_dialer") == "true" {
		dial(ctx, list, limit)
	} else {
		listen(ctx, list)
	}
}

func listen(ctx context.Context, list *redis.Client) {
	node, err := newNode(settings{listen: true})
	check(err)
	_, err = joinDHT(node)
	check(err)
	addrs, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(node))
	check(err)
	check(list.RPush(ctx, addressList, addrs[0].String()).Err())
	<-ctx.Done()
	log.Fatal("nobody ended this listener in time")
}

func dial(ctx context.Context, list *redis.Client, limit time.Duration) {
	node, err := newNode(settings{})
	check(err)
	served, err := joinDHT(node)
	check(err)
	popped, err := list.BLPop(ctx, limit, addressList).Result()
	check(err)
	remote, err := peer.AddrInfoFromString(popped[1])
	check(err)

	start := time.Now()
	check(node.Connect(ctx, *remote))
	pong := <-ping.Ping(ctx, node, remote.ID)
	check(pong.Error)
	report := map[string]any{
		"handshakePlusOneRTTMillis": milliseconds(time.Since(start)),
		"pingRTTMilllis":            milliseconds(pong.RTT),
	}
	if served != nil {
		report["dht"] = served
	}
	if os.Getenv("checks") == "true" {
		report["checks"] = runChecks(ctx, node, remote.ID)
	}
	line, err := json.Marshal(report)
	check(err)
	fmt.Println(string(line))
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Nanoseconds()) / 1e6
}

func variable(name, otherwise string) string {
	if value, there := os.LookupEnv(name); there {
		return value
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
