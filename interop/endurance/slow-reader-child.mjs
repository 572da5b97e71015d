// The reader of ./slow-reader.mjs: sleeps on its first bytes until it is told to wake. It sleeps either inside its
// `for await` loop (iterate) or by pausing the stream (pause).
import { createNode } from '../lib/node.mjs'
import { Digest, receive } from '../lib/streams.mjs'

const [impl, mode] = process.argv.slice(2)
const { parts } = await import(impl === 'js' ? '../js-libp2p/parts.mjs' : '../weft/parts.mjs')
const digest = new Digest()
let wake
const awake = new Promise(resolve => (wake = resolve))
let done
const finished = new Promise(resolve => (done = resolve))

const readers = {
  async iterate(stream) {
    for await (const data of stream) {
      await awake
      for (const piece of data instanceof Uint8Array ? [data] : data) digest.update(piece)
    }
  },
  async pause(stream) {
    const received = receive(stream, piece => digest.update(piece))
    stream.pause()
    await awake
    stream.resume()
    await received
  }
}

const answers = {
  state: () => ({ consumed: digest.bytes }),
  wake() {
    wake()
    return {}
  },
  digest: () => finished
}

const node = await createNode(parts)
await node.handle('/slow/1.0.0', async stream => {
  await readers[mode](stream)
  await stream.close()
  done(digest.result())
})
process.on('message', async question => process.send(await answers[question]()))
process.on('disconnect', () => process.exit(0))
process.send({ addr: node.getMultiaddrs()[0].toString() })
