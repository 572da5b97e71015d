/** Multicast by `node:dgram`: one socket for IPv4 and one for IPv6, members of the group on each interface. */
import { createSocket, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { maxLinks, type Link, type Source } from '../core/links.ts'
import type { MulticastNetwork, MulticastOptions, MulticastSocket } from './multicast.ts'

/** Packets that wait for the socket: more come only if it does not send. */
const maxQueue = 256
/** As RFC 6762 section 11 asks: no router lets it pass, whatever it says. */
const hopLimit = 255

/** The sockets of this machine. */
export function defaultNetwork(): MulticastNetwork {
  return {
    async open(options, receive) {
      const sockets = [
        ...(options.group4 === undefined ? [] : [new FamilySocket('IPv4', options.group4, options, receive)]),
        ...(options.group6 === undefined ? [] : [new FamilySocket('IPv6', options.group6, options, receive)])
      ]
      await Promise.all(sockets.map(socket => socket.bind()))
      return new Sockets(sockets)
    }
  }
}

class Sockets implements MulticastSocket {
  private readonly _sockets: readonly FamilySocket[]

  constructor(sockets: readonly FamilySocket[]) {
    this._sockets = sockets
  }

  links(): Link[] {
    const interfaces = readInterfaces()
    for (const socket of this._sockets) socket.join(interfaces)
    return interfaces
      .filter(({ name }) => this._sockets.some(socket => socket.has(name)))
      .map(({ name, addresses }) => ({ name, cidrs: addresses.map(({ cidr }) => cidr) }))
  }

  send(link: string, packet: Uint8Array): void {
    for (const socket of this._sockets) socket.send(link, packet)
  }

  async close(): Promise<void> {
    await Promise.all(this._sockets.map(socket => socket.close()))
  }
}

interface Interface {
  name: string
  addresses: Array<{ address: string; family: 'IPv4' | 'IPv6'; cidr: string }>
}

/** Interfaces with an address. The loopback is one only where there is no other: on others this machine hears itself too. */
function readInterfaces(): Interface[] {
  const all = Object.entries(networkInterfaces()).map(([name, infos = []]) => ({
    name,
    internal: infos.every(({ internal }) => internal),
    addresses: infos.flatMap(({ address, family, cidr }) => (cidr === null ? [] : { address, family, cidr }))
  }))
  const external = all.filter(({ internal, addresses }) => !internal && addresses.length > 0)
  return (external.length > 0 ? external : all.filter(({ addresses }) => addresses.length > 0)).slice(0, maxLinks)
}

type Family = 'IPv4' | 'IPv6'

/** The socket of one family. */
class FamilySocket {
  private readonly _family: Family
  private readonly _group: string
  private readonly _options: MulticastOptions
  private readonly _receive: (packet: Uint8Array, source: Source) => void
  private readonly _socket: Socket
  /** What a link is called when packets are sent on it: an address of it, or its zone. */
  private readonly _joined = new Map<string, string>()
  private readonly _failed = new Set<string>()
  private readonly _queue: Array<{ link: string; packet: Uint8Array }> = []
  private _isOpen = false
  private _isSending = false
  private _onIdle: (() => void) | undefined

  constructor(
    family: Family,
    group: string,
    options: MulticastOptions,
    receive: (packet: Uint8Array, source: Source) => void
  ) {
    this._family = family
    this._group = group
    this._options = options
    this._receive = receive
    // Others on this machine speak multicast DNS too.
    this._socket = createSocket({
      type: family === 'IPv4' ? 'udp4' : 'udp6',
      reuseAddr: true,
      ipv6Only: family === 'IPv6'
    })
  }

  /** Never rejects: what cannot be bound has no links. */
  bind(): Promise<void> {
    return new Promise(resolve => {
      const fail = (error: Error): void => {
        this._options.onProblem(error)
        resolve()
      }
      this._socket.once('error', fail)
      this._socket.bind({ port: this._options.port, exclusive: true }, () => {
        this._socket.off('error', fail)
        this._socket.on('error', error => this._options.onProblem(error))
        this._socket.on('message', (packet, { address }) => {
          const [ip = '', zone] = address.split('%')
          this._receive(packet, { address: ip, link: zone })
        })
        this._isOpen = true
        this._socket.setMulticastTTL(hopLimit)
        this._socket.setMulticastLoopback(true)
        resolve()
      })
    })
  }

  has(link: string): boolean {
    return this._joined.has(link)
  }

  join(interfaces: readonly Interface[]): void {
    if (!this._isOpen) return
    const there = new Map(interfaces.map(({ name, addresses }) => [name, this._nameOf(name, addresses)]))
    for (const [name, known] of this._joined) {
      if (there.get(name) === known) continue
      this._joined.delete(name)
      this._try(() => this._socket.dropMembership(this._group, known))
    }
    for (const [name, own] of there) {
      if (own === undefined || this._joined.has(name)) continue
      const failure = this._try(() => this._socket.addMembership(this._group, own))
      if (failure === undefined || failure.code === 'EADDRINUSE') {
        this._joined.set(name, own)
        this._failed.delete(name)
      } else if (!this._failed.has(name)) {
        // Told once, and tried again each time.
        this._failed.add(name)
        this._options.onProblem(failure)
      }
    }
  }

  send(link: string, packet: Uint8Array): void {
    if (!this._joined.has(link) || this._queue.length >= maxQueue) return
    this._queue.push({ link, packet })
    if (!this._isSending) this._next()
  }

  async close(): Promise<void> {
    if (this._isSending) await new Promise<void>(resolve => (this._onIdle = resolve))
    const wasOpen = this._isOpen
    this._isOpen = false
    await new Promise<void>(resolve => {
      if (!wasOpen) this._try(() => this._socket.close())
      if (wasOpen) this._socket.close(resolve)
      else resolve()
    })
  }

  /** One after the other: the interface belongs to the socket, not to the packet. */
  private _next(): void {
    const next = this._queue.shift()
    this._isSending = next !== undefined
    if (next === undefined) {
      this._onIdle?.()
      return
    }
    const own = this._joined.get(next.link)
    const failure = own === undefined ? undefined : this._try(() => this._socket.setMulticastInterface(own))
    if (own === undefined || failure !== undefined) {
      this._next()
      return
    }
    this._socket.send(next.packet, this._options.port, this._group, () => this._next())
  }

  private _nameOf(name: string, addresses: Interface['addresses']): string | undefined {
    const own = addresses.find(({ family }) => family === this._family)
    if (own === undefined) return undefined
    return this._family === 'IPv4' ? own.address : `::%${name}`
  }

  private _try(action: () => unknown): NodeJS.ErrnoException | undefined {
    try {
      action()
      return undefined
    } catch (error) {
      return error as NodeJS.ErrnoException
    }
  }
}
