// A chat: each line of one side appears at the other. End with Ctrl-D.
//
//   node examples/chat.mjs               waits for others and prints its address
//   node examples/chat.mjs <address>     joins the one that waits there
import { createInterface } from 'node:readline'
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/libp2p/multiaddr'
import { lpStream } from '@weft/libp2p/streams'

const protocol = '/example/chat/1.0.0'
const [address] = process.argv.slice(2)
const listen = address === undefined ? ['/ip4/127.0.0.1/tcp/0'] : []
const node = await createLibp2p({ ...nodeDefaults(), addresses: { listen } })

const chats = new Set()
await node.handle(protocol, (stream, connection) => talk(stream, connection.remotePeer))

let ended
if (address === undefined) {
  console.log(`listening on ${node.getMultiaddrs()[0]}`)
} else {
  const stream = await node.dialProtocol(multiaddr(address), protocol)
  ended = talk(stream, 'them')
}

for await (const line of createInterface({ input: process.stdin })) {
  // A stream that ends meanwhile is reported by its own loop below.
  for (const { messages } of chats) await messages.write(new TextEncoder().encode(line)).catch(() => {})
}
// Close this direction of each stream: what the others still say can be read until they close theirs.
for (const { stream } of chats) await stream.close()
await ended
await node.stop()

/** Prints what the other side says, until it ends its side or the stream breaks. */
async function talk(stream, name) {
  // A longer line is refused by its length, before it is read.
  const chat = { stream, messages: lpStream(stream, { maxDataLength: 4096 }) }
  chats.add(chat)
  console.log(`${name} joined`)
  try {
    for (;;) {
      const line = await chat.messages.read()
      console.log(`${name}: ${new TextDecoder().decode(line.subarray())}`)
    }
  } catch (error) {
    console.log(error.name === 'UnexpectedEOFError' ? `${name} left` : `${name} was lost: ${error.message}`)
    await stream.close()
  } finally {
    chats.delete(chat)
  }
}
