"""The perf convention: flags in, JSON lines out."""

import argparse
import json
import time

import trio
from libp2p.crypto import ed25519
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from multiaddr import Multiaddr

import checks
from node import new_key, running_node


async def main(args):
    parser = argparse.ArgumentParser()
    parser.add_argument("--run-server", action="store_true")
    parser.add_argument("--server-address", required=True)
    parser.add_argument("--transport", default="tcp")
    parser.add_argument("--upload-bytes", type=int, default=0)
    parser.add_argument("--download-bytes", type=int, default=0)
    flags = parser.parse_args(args)

    # The server's key is that of a seed of zeros, so that clients know its id beforehand.
    server_key = ed25519.create_new_key_pair(bytes(32))
    ip, port = flags.server_address.rsplit(":", 1)
    address = Multiaddr(f"/ip4/{ip}/tcp/{port}")
    if flags.run_server:
        async with running_node(server_key, [address]):
            await trio.sleep_forever()

    async with running_node(new_key(), []) as node:
        remote = PeerInfo(ID.from_pubkey(server_key.public_key), [address])
        start = time.perf_counter()
        await checks.measure(node, remote, flags.upload_bytes, flags.download_bytes)
        report = {
            "type": "final",
            "timeSeconds": time.perf_counter() - start,
            "uploadBytes": flags.upload_bytes,
            "downloadBytes": flags.download_bytes,
        }
        print(json.dumps(report), flush=True)
