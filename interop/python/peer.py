"""A py-libp2p node behind the conventions of libp2p/test-plans (../README.md, "Foreign peers")."""

import json
import os
import sys
import time

import redis
import trio
from libp2p.host.ping import ID as PING
from libp2p.host.ping import perform_ping_roundtrip
from libp2p.peer.peerinfo import info_from_p2p_addr
from multiaddr import Multiaddr

import checks
import perf
from node import new_key, running_node

ADDRESS_LIST = "listenerAddr"


async def listen(addresses, limit):
    any_port = Multiaddr(f"/ip4/{os.environ.get('ip', '0.0.0.0')}/tcp/0")
    async with running_node(new_key(), [any_port]) as node:
        addresses.rpush(ADDRESS_LIST, str(node.get_addrs()[0]))
        await trio.sleep(limit)
    sys.exit("nobody ended this listener in time")


async def dial(addresses, limit):
    _, address = addresses.blpop(ADDRESS_LIST, limit)
    remote = info_from_p2p_addr(Multiaddr(address))
    async with running_node(new_key(), []) as node:
        with trio.fail_after(limit):
            start = time.perf_counter()
            await node.connect(remote)
            stream = await node.new_stream(remote.peer_id, [PING])
            pinged = time.perf_counter()
            await perform_ping_roundtrip(stream)
            end = time.perf_counter()
            await stream.close()
            report = {
                "handshakePlusOneRTTMillis": (end - start) * 1000,
                "pingRTTMilllis": (end - pinged) * 1000,
            }
            if os.environ.get("checks") == "true":
                report["checks"] = await checks.run(node, remote)
        print(json.dumps(report), flush=True)
        # what listens in the background need not end in order
        os._exit(0)


def main():
    if len(sys.argv) > 1:
        trio.run(perf.main, sys.argv[1:])
        return
    host, port = os.environ.get("redis_addr", "redis:6379").rsplit(":", 1)
    addresses = redis.Redis(host, int(port), decode_responses=True, protocol=2)
    limit = int(os.environ.get("test_timeout_seconds", "180"))
    act = dial if os.environ.get("is_dialer") == "true" else listen
    trio.run(act, addresses, limit)


if __name__ == "__main__":
    main()
