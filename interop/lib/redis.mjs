// The part of redis that libp2p/test-plans' convention uses: a list that the listener pushes its address to and the
// dialer waits on. On loopback, in the runner's process, gone with it: nothing has to be installed, and runs cannot
// see each other's addresses.
import net from 'node:net'
import { encodeResp, RespReader } from './resp.mjs'

/** Resolves with `{ address, close() }`. */
export async function startRedis() {
  const lists = new Lists()
  const sockets = new Set()
  const server = net.createServer(socket => {
    sockets.add(socket)
    const reader = new RespReader()
    const answer = value => socket.write(encodeResp(value))
    // a peer that is killed resets its connection
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', bytes => {
      for (const command of reader.push(bytes)) lists.run(command, answer)
    })
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${server.address().port}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

class Lists {
  #values = new Map()
  #waiting = new Map()

  run([name, ...args], answer) {
    switch (name.toUpperCase()) {
      case 'PING':
        return answer('PONG')
      // how clients introduce themselves
      case 'CLIENT':
      case 'SELECT':
        return answer('OK')
      case 'RPUSH':
        return answer(this.#push(args[0], args.slice(1)))
      case 'BLPOP':
        return this.#pop(args[0], Number(args.at(-1)), answer)
      default:
        // to HELLO this answer means: RESP 2
        return answer(new Error(`ERR unknown command '${name}'`))
    }
  }

  #push(key, values) {
    const list = this.#of(this.#values, key)
    list.push(...values)
    const waiting = this.#of(this.#waiting, key)
    const length = list.length
    while (list.length > 0 && waiting.length > 0) waiting.shift()([key, list.shift()])
    return length
  }

  #pop(key, seconds, answer) {
    const list = this.#of(this.#values, key)
    if (list.length > 0) return answer([key, list.shift()])
    const waiting = this.#of(this.#waiting, key)
    const timer = seconds > 0 ? setTimeout(() => give(null), seconds * 1000).unref() : undefined
    const give = value => {
      clearTimeout(timer)
      if (value === null) waiting.splice(waiting.indexOf(give), 1)
      answer(value)
    }
    waiting.push(give)
  }

  #of(map, key) {
    if (!map.has(key)) map.set(key, [])
    return map.get(key)
  }
}

/** Sends one command and resolves with its answer. */
export function redisCommand(address, ...command) {
  const [host, port] = address.split(':')
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), host, () => socket.write(encodeResp(command.map(String))))
    const reader = new RespReader()
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('redis closed the connection')))
    socket.on('data', bytes => {
      const [value] = reader.push(bytes)
      if (value === undefined) return
      socket.destroy()
      if (value instanceof Error) reject(value)
      else resolve(value)
    })
  })
}
