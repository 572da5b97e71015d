"""Whether more than ping works on a connection."""

import secrets

import trio
from libp2p.identity.identify.identify import ID as IDENTIFY
from libp2p.identity.identify.pb.identify_pb2 import Identify
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.perf.perf_service import PerfService
from libp2p.utils.varint import read_length_prefixed_protobuf

ECHO = "/echo/1.0.0"
ECHO_BYTES = 1 << 20
PERF_BYTES = 8 << 20
BLOCK_BYTES = 64 << 10
# for each: py-libp2p is slow where it moves many bytes
LIMIT_SECONDS = 15


async def run(node, remote):
    """What this node saw of the connection and what works on it: a value or {"error": "..."} for each."""
    results = {}
    for name, check in {
        "identify": identify,
        "connection": connection,
        "echo": echo,
        "upload": lambda *of: measure(*of, PERF_BYTES, 0),
        "download": lambda *of: measure(*of, 0, PERF_BYTES),
    }.items():
        try:
            with trio.fail_after(LIMIT_SECONDS):
                results[name] = await check(node, remote)
        except Exception as error:
            results[name] = {"error": f"{type(error).__name__}: {error}"}
    return results


async def connection(node, remote):
    (conn,) = node.get_network().get_connections(remote.peer_id)
    key = node.get_peerstore().pubkey(remote.peer_id)
    return {
        "remoteKey": key.get_type().name.lower(),
        "security": conn.get_negotiated_security_protocol(),
        "muxer": conn.get_negotiated_muxer_protocol(),
    }


async def identify(node, remote):
    """py-libp2p asks by itself, but keeps no agent."""
    stream = await node.new_stream(remote.peer_id, [IDENTIFY])
    message = Identify()
    message.ParseFromString(await read_length_prefixed_protobuf(stream, use_varint_format=True))
    return {"agent": message.agent_version, "protocols": list(message.protocols)}


async def echo(node, remote):
    """One block after the other: in mplex of py-libp2p, a read that waits keeps the stream from being written."""
    stream = await node.new_stream(remote.peer_id, [ECHO])
    sent = secrets.token_bytes(ECHO_BYTES)
    received = bytearray()
    for end in range(BLOCK_BYTES, ECHO_BYTES + 1, BLOCK_BYTES):
        await stream.write(sent[end - BLOCK_BYTES : end])
        while len(received) < end and (block := await read(stream)):
            received += block
    await stream.close_write()
    if received != sent or await read(stream) != b"":
        raise ValueError(f"{len(received)} bytes came back, not those that were sent")
    return len(received)


async def serve_echo(stream):
    while block := await read(stream):
        await stream.write(block)
    await stream.close()


async def read(stream):
    """What is there next, nothing at the end."""
    try:
        return await stream.read(BLOCK_BYTES)
    except StreamEOF:
        return b""


async def measure(node, remote, upload, download):
    address = remote.addrs[0].encapsulate(f"/p2p/{remote.peer_id}")
    async for report in PerfService(node).measure_performance(address, upload, download):
        last = report
    return last["upload_bytes"] + last["download_bytes"]
