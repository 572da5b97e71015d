/** The control socket of a node: the one place that holds its connections and timers. */
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { WeftError } from '@weft/errors'
import { maxClients } from './core/limits.ts'
import { encodeLine, errorReply, type Reply, type Request } from './core/protocol.ts'
import { type Action, ControlSession } from './core/session.ts'
import { prepareSocketPath } from './socket-path.ts'

/** Answers a request: yields the items, and returns what ends the answer. What it throws is the client's answer. */
export type Answer = (request: Request, signal: AbortSignal) => AsyncGenerator<object, object>

/** A control socket that is open. */
export interface ControlServer {
  /** Closes it and its clients, and removes it. */
  close(): Promise<void>
}

/** Opens a control socket, which only its owner may use. Rejects with `CommandError`. */
export async function serveControl(file: string, answer: Answer): Promise<ControlServer> {
  await prepareSocketPath(file)
  const clients = new Set<Socket>()
  const server = createServer(socket => {
    // What fails here fails for this client alone; `close` follows.
    socket.on('error', () => {})
    if (clients.size >= maxClients) {
      const refusal = new WeftError('TooManyClientsError', 'ERR_TOO_MANY_CLIENTS', tooMany)
      socket.end(encodeLine(errorReply(refusal)), () => socket.destroy())
      return
    }
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    new Client(socket, answer)
  })
  await listen(server, file)
  return {
    async close() {
      for (const socket of clients) socket.destroy()
      // This removes the socket too.
      await new Promise(resolve => server.close(resolve))
    }
  }
}

const tooMany = `${maxClients} clients are connected: try again later`

async function listen(server: Server, file: string): Promise<void> {
  server.listen(file)
  await once(server, 'listening')
  // Nobody could be accepted, such as where no file descriptor is left: the next one may.
  server.on('error', () => {})
  try {
    // Until here the folder has kept others out.
    await chmod(file, 0o600)
  } catch (error) {
    server.close()
    throw error
  }
}

class Client {
  private readonly _socket: Socket
  private readonly _answer: Answer
  private readonly _session = new ControlSession(performance.now())
  private _answering: AbortController | undefined
  private _timer: ReturnType<typeof setTimeout> | undefined

  constructor(socket: Socket, answer: Answer) {
    this._socket = socket
    this._answer = answer
    socket.on('data', chunk => this._tell((session, now) => session.receive(chunk, now)))
    // A client that asks for nothing more waits for nothing more: an end is how it gives a request up.
    socket.on('end', () => this._tell(session => session.left()))
    socket.on('close', () => this._tell(session => session.left()))
    this._setTimer()
  }

  private _tell(event: (session: ControlSession, now: number) => void): void {
    event(this._session, performance.now())
    for (const action of this._session.takeActions()) this._act(action)
    this._setTimer()
  }

  private _act(action: Action): void {
    switch (action.type) {
      case 'send':
        this._socket.write(action.bytes)
        break
      case 'answer':
        this._answering = new AbortController()
        void this._run(action.request, this._answering.signal)
        break
      case 'cancel':
        this._answering?.abort(action.reason)
        break
      case 'close':
        // A client that reads nothing must not keep its place.
        this._socket.setTimeout(closeTimeout, () => this._socket.destroy())
        this._socket.end(() => this._socket.destroy())
    }
  }

  private async _run(request: Request, signal: AbortSignal): Promise<void> {
    const items = this._answer(request, signal)
    try {
      for (let next = await items.next(); !signal.aborted; next = await items.next()) {
        this._reply(next.done === true ? { end: next.value } : { item: next.value })
        if (next.done === true) return
        // An answer is made as fast as it is read.
        if (this._socket.writableNeedDrain) await once(this._socket, 'drain', { signal })
      }
    } catch (error) {
      if (!signal.aborted) this._reply(errorReply(error))
    }
    await items.return({}).catch(() => {})
  }

  private _reply(reply: Reply): void {
    this._tell((session, now) => session.reply(reply, now))
  }

  private _setTimer(): void {
    clearTimeout(this._timer)
    const at = this._session.wakeAt
    if (at === undefined) return
    const after = Math.max(0, Math.ceil(at - performance.now()))
    this._timer = setTimeout(() => this._tell((session, now) => session.tick(now)), after)
    this._timer.unref()
  }
}

// Milliseconds in which a client that was closed must read what it was sent.
const closeTimeout = 1_000
