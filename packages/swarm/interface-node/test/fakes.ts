/** Small stand-ins for a node's components. */
import type {
  ComponentLogger,
  Libp2pEvents,
  Listener,
  ListenerEvents,
  Logger,
  PeerId,
  Transport
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { EventEmitter } from '@weft/events'
import { peerIdFromString } from '@weft/peer-id'
import { vi } from 'vitest'

export const alice: PeerId = peerIdFromString('12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
export const bob: PeerId = peerIdFromString('12D3KooWGRYZDHBembyGJQqQ6WgLqJWYNjnECJwGBnCg8vbCeo8F')
export const carol: PeerId = peerIdFromString('QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC')

export interface FakeLogger extends ComponentLogger {
  errors: unknown[][]
}

export function fakeLogger(): FakeLogger {
  const errors: unknown[][] = []
  const log = Object.assign(() => {}, {
    enabled: true,
    error: (...args: unknown[]) => void errors.push(args),
    trace() {},
    newScope: () => log
  }) as Logger
  return { errors, forComponent: () => log }
}

export function fakeEvents(): EventEmitter<Libp2pEvents> {
  return new EventEmitter<Libp2pEvents>()
}

export class FakeListener extends EventEmitter<ListenerEvents> implements Listener {
  addrs: Multiaddr[] = []
  readonly close = vi.fn(async () => {
    this.safeDispatchEvent('close')
  })
  readonly updateAnnounceAddrs = vi.fn()
  private readonly _failure: Error | undefined

  constructor(failure?: Error) {
    super()
    this._failure = failure
  }

  async listen(address: Multiaddr): Promise<void> {
    if (this._failure !== undefined) throw this._failure
    this.addrs = [address]
    this.safeDispatchEvent('listening')
  }

  getAddrs(): Multiaddr[] {
    return this.addrs
  }
}

/** A transport for addresses that hold `part`; listening on ones in `failures` fails. */
export function fakeTransport(part: string, failures: Record<string, Error> = {}): Transport {
  const filter = (addresses: Multiaddr[]): Multiaddr[] => addresses.filter(ma => ma.toString().includes(part))
  const transport = {
    [Symbol.toStringTag]: `fake ${part}`,
    dial: vi.fn(),
    dialFilter: filter,
    listenFilter: filter,
    createListener() {
      const listener = new FakeListener()
      const listen = listener.listen.bind(listener)
      listener.listen = async address => {
        const failure = failures[address.toString()]
        if (failure !== undefined) throw failure
        await listen(address)
      }
      return listener
    }
  }
  return transport as unknown as Transport
}
