// 64 MiB there and back between two nodes of one process, by each encrypted channel; prints how fast.
import { createHash } from 'node:crypto'
import { createLibp2p } from '@weft/libp2p'
import { noise } from '@weft/noise'
import { tcp } from '@weft/tcp'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'

const total = 64 * 1024 * 1024
const chunk = new Uint8Array(64 * 1024).map((_, i) => i * 7)

for (const [name, channel] of Object.entries({ noise, tls })) {
  const node = () =>
    createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [channel()],
      streamMuxers: [yamux()]
    })
  const [dialer, listener] = await Promise.all([node(), node()])
  await listener.handle('/echo/1.0.0', async stream => {
    for await (const bytes of stream) if (!stream.send(bytes)) await stream.onDrain()
    await stream.close()
  })
  const began = performance.now()
  const stream = await dialer.dialProtocol(listener.getMultiaddrs(), '/echo/1.0.0')
  const [sent, received] = [createHash('sha256'), createHash('sha256')]
  const send = async () => {
    for (let length = 0; length < total; length += chunk.byteLength) {
      sent.update(chunk)
      if (!stream.send(chunk)) await stream.onDrain()
    }
    await stream.close()
  }
  const receive = async () => {
    let length = 0
    for await (const bytes of stream) {
      for (const part of bytes) received.update(part)
      length += bytes.byteLength
    }
    return length
  }
  const [length] = await Promise.all([receive(), send()])
  if (length !== total || received.digest('hex') !== sent.digest('hex'))
    throw new Error(`${name}: other bytes came back`)
  console.log(`${name}: ${Math.round(total / 1000 / (performance.now() - began))} MB/s there and back`)
  await Promise.all([dialer.stop(), listener.stop()])
}
