import { TestkitError } from './errors.ts'
import type { Link } from './link.ts'
import type { Routes } from './routes.ts'
import type { StreamEnd } from './stream-pipe.ts'
import type { TimerHandle, VirtualClock } from './virtual-clock.ts'

/** What a dial is told, once. */
export interface TcpDialHandler {
  /** The connection is there. */
  readonly onOpen: (end: StreamEnd) => void
  /** There is none: a RST came, or no answer within 127 s. */
  readonly onFailure: (reason: 'refused' | 'timeout') => void
}

/** A dial under way, or a listener. */
export interface TcpHandle {
  /** Ends it without telling its handler. A connection that is open stays open. */
  close(): void
}

/** What the handshakes need of the network around them. */
export interface TcpWorld {
  readonly clock: VirtualClock
  readonly routes: Routes
  link(from: string, to: string): Link
  isPartitioned(from: string, to: string): boolean
  stream(first: string, second: string): [StreamEnd, StreamEnd]
}

type Segment = 'syn' | 'syn-ack' | 'ack' | 'rst'

/** Linux sends a SYN again after 1 s, 2 s more, 4 s more, and so on, six times: 127 s in all. */
const firstRetry = 1000
const maxRetries = 6

interface Dial {
  readonly handler: TcpDialHandler
  timer: TimerHandle | undefined
  /** A SYN of the remote has come: its ACK opens the connection too. */
  crossed: boolean
}

/**
 * Handshakes of TCP between hosts: a SYN is answered by a listener, crosses with another one (simultaneous open), is
 * refused by RST, or gets no answer. What NATs on the way let through, they decide. The bytes then go by streams.
 */
export class TcpHosts {
  private readonly _world: TcpWorld
  private readonly _listeners = new Map<string, (end: StreamEnd, remote: string) => void>()
  /** By place inside and remote. */
  private readonly _dials = new Map<string, Dial>()
  private readonly _halfOpen = new Set<string>()
  /** Ends of connections of which one side is open: by both places, as the network sees them. */
  private readonly _ends = new Map<string, StreamEnd>()

  constructor(world: TcpWorld) {
    this._world = world
  }

  /** Accepts connections to a place `host:port`. Throws `TestkitError` if it is taken. */
  listen(name: string, onConnection: (end: StreamEnd, remote: string) => void): TcpHandle {
    if (this._listeners.has(name)) throw new TestkitError('ERR_NAME_TAKEN', `${name} listens`)
    this._listeners.set(name, onConnection)
    return { close: () => void this._listeners.delete(name) }
  }

  /** Dials from a place, which may listen too. Throws `TestkitError` if it dials the same remote already. */
  dial(from: string, to: string, handler: TcpDialHandler): TcpHandle {
    const key = `${from}>${to}`
    if (this._dials.has(key)) throw new TestkitError('ERR_NAME_TAKEN', `${from} dials ${to}`)
    const dial: Dial = { handler, timer: undefined, crossed: false }
    this._dials.set(key, dial)
    this._sendSyn(from, to, dial, 0)
    return {
      close: () => {
        if (this._dials.get(key) === dial) this._end(key, dial)
      }
    }
  }

  private _sendSyn(from: string, to: string, dial: Dial, retries: number): void {
    this._send('syn', from, to)
    dial.timer = this._world.clock.setTimeout(() => {
      if (retries < maxRetries) {
        this._sendSyn(from, to, dial, retries + 1)
        return
      }
      this._end(`${from}>${to}`, dial)
      dial.handler.onFailure('timeout')
    }, firstRetry << retries)
  }

  /** From a host: through its own NAT. */
  private _send(segment: Segment, from: string, to: string): void {
    const { clock, routes } = this._world
    this._carry(segment, routes.outbound('tcp', from, to, clock.now), to)
  }

  private _carry(segment: Segment, from: string, to: string): void {
    const { clock } = this._world
    const link = this._world.link(from, to)
    if (this._world.isPartitioned(from, to) || link.chance(link.options.loss)) return
    clock.setTimeout(() => {
      if (!this._world.isPartitioned(from, to)) this._arrive(segment, from, to)
    }, link.flight())
  }

  private _arrive(segment: Segment, from: string, to: string): void {
    const { clock, routes } = this._world
    const inbound = routes.inbound('tcp', from, to, clock.now)
    if (inbound === 'answered' && segment !== 'rst') this._carry('rst', to, from)
    if (typeof inbound === 'string') return
    const key = `${inbound.to}>${from}`
    const dial = this._dials.get(key)
    if (segment === 'syn') this._onSyn(inbound.to, from, key, dial)
    else if (dial !== undefined && (segment === 'syn-ack' || (segment === 'ack' && dial.crossed))) {
      this._end(key, dial)
      if (segment === 'syn-ack') this._send('ack', inbound.to, from)
      dial.handler.onOpen(this._takeEnd(to, from))
    } else if (segment === 'ack' && this._halfOpen.delete(key)) {
      const onConnection = this._listeners.get(inbound.to)
      if (onConnection !== undefined) onConnection(this._takeEnd(to, from), from)
    } else if (segment === 'rst') {
      routes.reset(from, to)
      this._halfOpen.delete(key)
      if (dial === undefined) return
      this._end(key, dial)
      dial.handler.onFailure('refused')
    }
  }

  private _onSyn(at: string, from: string, key: string, dial: Dial | undefined): void {
    // One that crosses with ours: each answers the other's, and both are clients.
    if (dial !== undefined) {
      dial.crossed = true
      this._send('syn-ack', at, from)
    } else if (this._listeners.has(at)) {
      this._halfOpen.add(key)
      this._send('syn-ack', at, from)
    } else {
      this._send('rst', at, from)
    }
  }

  // The side that opens first makes both ends; the other one waits, paused, for its own.
  private _takeEnd(local: string, remote: string): StreamEnd {
    const waiting = this._ends.get(`${local}>${remote}`)
    if (waiting !== undefined) {
      this._ends.delete(`${local}>${remote}`)
      waiting.resume()
      return waiting
    }
    const [near, far] = this._world.stream(local, remote)
    far.pause()
    this._ends.set(`${remote}>${local}`, far)
    return near
  }

  private _end(key: string, dial: Dial): void {
    this._world.clock.clearTimeout(dial.timer)
    this._dials.delete(key)
  }
}
