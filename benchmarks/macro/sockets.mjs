// Node's own net and tls behind the interface of ./measures.mjs: a connection is its only stream.
import net from 'node:net'
import tls from 'node:tls'
import { selfSigned } from './self-signed.mjs'

const kinds = {
  sink(socket) {
    let bytes = 0
    socket.on('data', chunk => {
      bytes += chunk.length
    })
    socket.on('end', () => {
      const answer = Buffer.alloc(8)
      answer.writeDoubleBE(bytes)
      socket.end(answer)
    })
  },
  echo(socket) {
    socket.on('data', chunk => socket.write(chunk))
    socket.on('end', () => socket.end())
  }
}

export function sockets(secure) {
  return {
    async serve() {
      const ports = {}
      for (const [kind, handle] of Object.entries(kinds)) {
        const onSocket = socket => {
          socket.on('error', () => socket.destroy())
          handle(socket)
        }
        const options = { allowHalfOpen: true, noDelay: true }
        const server = secure
          ? tls.createServer({ ...options, ...selfSigned() }, onSocket)
          : net.createServer(options, onSocket)
        await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
        ports[kind] = server.address().port
      }
      return JSON.stringify(ports)
    },
    async connect(address, kind) {
      const options = { host: '127.0.0.1', port: JSON.parse(address)[kind], allowHalfOpen: true, noDelay: true }
      const socket = secure ? tls.connect({ ...options, rejectUnauthorized: false }) : net.connect(options)
      await new Promise((resolve, reject) => {
        socket.once(secure ? 'secureConnect' : 'connect', resolve)
        socket.once('error', reject)
      })
      const closed = new Promise(resolve => socket.once('close', resolve))
      socket.on('end', () => socket.end())
      return {
        open: async () => ({
          write: bytes => socket.write(bytes),
          drained: () => new Promise(resolve => socket.once('drain', resolve)),
          onBytes: listener => socket.on('data', listener),
          end: async () => {
            socket.end()
          },
          closed
        }),
        close: () => {
          socket.resume()
          socket.end()
          return closed
        }
      }
    }
  }
}
