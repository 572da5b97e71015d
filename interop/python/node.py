"""The node that the environment describes, with our protocols on it."""

import os
from contextlib import asynccontextmanager

from libp2p import new_host
from libp2p.crypto import ed25519, rsa, secp256k1, x25519
from libp2p.perf.perf_service import PerfService
from libp2p.security.insecure.transport import PLAINTEXT_PROTOCOL_ID, InsecureTransport
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.security.tls.transport import PROTOCOL_ID as TLS
from libp2p.security.tls.transport import TLSTransport
from libp2p.stream_muxer.mplex.mplex import MPLEX_PROTOCOL_ID, Mplex
from libp2p.stream_muxer.yamux.yamux import PROTOCOL_ID as YAMUX
from libp2p.stream_muxer.yamux.yamux import Yamux

import checks


@asynccontextmanager
async def running_node(key, addrs):
    if os.environ.get("transport", "tcp") != "tcp":
        raise ValueError("transport is not one of tcp")
    muxers = {"yamux": {YAMUX: Yamux}, "mplex": {MPLEX_PROTOCOL_ID: Mplex}}
    node = new_host(
        key_pair=key,
        muxer_opt=muxers[os.environ.get("muxer", "yamux")],
        sec_opt=security(os.environ.get("security", "noise"), key),
    )
    node.set_stream_handler(checks.ECHO, checks.serve_echo)
    await PerfService(node).start()
    async with node.run(addrs):
        yield node


def security(name, key):
    if name == "noise":
        noise_key = x25519.create_new_key_pair().private_key
        return {NOISE: NoiseTransport(key, noise_key)}
    if name == "tls":
        return {TLS: TLSTransport(key)}
    if name == "plaintext":
        return {PLAINTEXT_PROTOCOL_ID: InsecureTransport(key)}
    raise ValueError(f"security {name} is not one of noise, tls, plaintext")


def new_key():
    """py-libp2p has ECDSA keys, which neither sign nor verify."""
    kinds = {"ed25519": ed25519, "rsa": rsa, "secp256k1": secp256k1}
    return kinds[os.environ.get("identity", "ed25519")].create_new_key_pair()
