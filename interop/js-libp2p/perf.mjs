// specs/perf on js-libp2p's streams, as ../go/perf.go has it on go-libp2p's: the client sends how many bytes it wants as a
// u64, big-endian, then its own bytes until it closes its side; the server sends what was asked for.
import { receive, sendAll } from '../lib/streams.mjs'

const PROTOCOL = '/perf/1.0.0'
const REQUEST_BYTES = 8
const block = new Uint8Array(65_536)

/** A service with the interface of `@weft/perf`, of whose reports it gives the last. */
export const perf = () => components => new Perf(components)

class Perf {
  #registrar
  #connectionManager

  constructor({ registrar, connectionManager }) {
    this.#registrar = registrar
    this.#connectionManager = connectionManager
  }

  async start() {
    await this.#registrar.handle(PROTOCOL, serve)
  }

  async stop() {
    await this.#registrar.unhandle(PROTOCOL)
  }

  async *measurePerformance(address, uploadBytes, downloadBytes, { reuseExistingConnection = false } = {}) {
    const began = performance.now()
    const connection = await this.#connectionManager.openConnection(address, { force: !reuseExistingConnection })
    const stream = await connection.newStream(PROTOCOL)
    try {
      let arrived = 0
      const received = receive(stream, piece => {
        arrived += piece.length
      })
      // a failure is told when the sending is done
      received.catch(() => {})
      stream.send(requestOf(downloadBytes))
      await sendAll(stream, zeros(uploadBytes))
      await stream.close()
      await received
      if (arrived !== downloadBytes) throw new Error(`${arrived} bytes came of ${downloadBytes}`)
    } catch (error) {
      stream.abort(error)
      throw error
    }
    yield { type: 'final', timeSeconds: (performance.now() - began) / 1000, uploadBytes, downloadBytes }
  }
}

async function serve(stream) {
  try {
    const request = new Uint8Array(REQUEST_BYTES)
    let have = 0
    await receive(stream, piece => {
      const head = piece.subarray(0, REQUEST_BYTES - have)
      request.set(head, have)
      have += head.length
    })
    if (have < REQUEST_BYTES) throw new Error(`the request ended after ${have} bytes`)
    await sendAll(stream, zeros(Number(new DataView(request.buffer).getBigUint64(0))))
    await stream.close()
  } catch (error) {
    stream.abort(error)
  }
}

function requestOf(bytes) {
  const request = new Uint8Array(REQUEST_BYTES)
  new DataView(request.buffer).setBigUint64(0, BigInt(bytes))
  return request
}

function* zeros(count) {
  for (let left = count; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block
}
