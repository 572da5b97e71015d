/** A TCP proxy that breaks connections, each at a chosen byte. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export type Direction = 'outbound' | 'inbound'
/**
 * Reset both sides; end towards the receiver of the direction; let nothing pass any more, not even ends; change one bit
 * of the next byte.
 */
export type Kind = 'reset' | 'end' | 'freeze' | 'flip'

export interface Fault {
  kind: Kind
  /** Which bytes are counted: those of the dialer or those of the listener. */
  direction: Direction
  /** Bytes that pass before. */
  at: number
}

interface Planned {
  fault: Fault
  onStruck: () => void
}

export class FaultyProxy {
  /** Bytes that passed, of the last connection. */
  passed: Record<Direction, number> = { outbound: 0, inbound: 0 }
  private readonly _target: number
  private readonly _server: Server
  private readonly _sockets = new Set<Socket>()
  private readonly _planned: Planned[] = []

  constructor(target: number) {
    this._target = target
    this._server = createServer({ allowHalfOpen: true, noDelay: true }, socket => this._onConnection(socket))
  }

  async listen(): Promise<number> {
    this._server.listen(0, '127.0.0.1')
    await once(this._server, 'listening')
    return (this._server.address() as { port: number }).port
  }

  /** The next connection for which no fault is planned yet gets this one. Resolves when it has happened. */
  plan(fault: Fault): Promise<void> {
    return new Promise(resolve => this._planned.push({ fault, onStruck: resolve }))
  }

  /** Resets what is still open. */
  async close(): Promise<void> {
    for (const socket of this._sockets) socket.resetAndDestroy()
    this._server.close()
    await once(this._server, 'close')
  }

  private _onConnection(dialer: Socket): void {
    const { fault, onStruck } = this._planned.shift() ?? {}
    const listener = connect({ port: this._target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const passed = { outbound: 0, inbound: 0 }
    this.passed = passed
    let state: 'whole' | 'ended' | 'flipped' | 'over' = 'whole'

    const strike = (): void => {
      state = fault!.kind === 'end' ? 'ended' : 'over'
      if (fault!.kind === 'reset') for (const socket of [dialer, listener]) socket.resetAndDestroy()
      else if (fault!.kind === 'end') (fault!.direction === 'outbound' ? listener : dialer).end()
      onStruck!()
    }
    const carry = (from: Socket, to: Socket, direction: Direction): void => {
      this._sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => {
        this._sockets.delete(from)
        if (state !== 'over' && !to.destroyed) to.resetAndDestroy()
      })
      from.on('end', () => {
        if (state !== 'over') to.end()
      })
      from.on('data', (chunk: Uint8Array) => {
        if (state === 'over' || (state === 'ended' && direction === fault!.direction)) return
        const counts = state === 'whole' && fault?.direction === direction
        if (counts && fault.kind === 'flip') {
          const at = fault.at - passed[direction]
          if (at < chunk.byteLength) {
            chunk[at]! ^= 1 << (fault.at % 8)
            state = 'flipped'
            onStruck!()
          }
          passed[direction] += chunk.byteLength
          to.write(chunk)
          return
        }
        const left = counts ? fault.at - passed[direction] : Number.POSITIVE_INFINITY
        const part = chunk.subarray(0, left)
        passed[direction] += part.byteLength
        // Right behind the last byte that may pass, once the system has it.
        to.write(part, () => {
          if (part.byteLength === left) strike()
        })
        if (part.byteLength === left && fault!.kind !== 'end') from.pause()
      })
    }
    carry(dialer, listener, 'outbound')
    carry(listener, dialer, 'inbound')
    if (fault?.at === 0 && fault.kind !== 'flip') listener.once('connect', strike)
  }
}
