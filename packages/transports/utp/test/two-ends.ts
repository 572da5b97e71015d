import { type DatagramEndpoint, type LinkOptions, Network, VirtualClock } from '@weft/testkit'
import { decodePacket, packetType, UtpConnection, type UtpConnectionOptions, type UtpError } from '../src/index.ts'

/** What one end of a connection has seen. */
export class End {
  connection!: UtpConnection
  readonly chunks: Uint8Array[] = []
  bytes = 0
  opened = false
  ended = false
  closed: UtpError | 'clean' | undefined
  /** Whether what comes is consumed at once. */
  reading = true
  private readonly _clock: VirtualClock
  private readonly _endpoint: DatagramEndpoint
  private readonly _to: string
  private _timer: number | undefined

  constructor(clock: VirtualClock, endpoint: DatagramEndpoint, to: string) {
    this._clock = clock
    this._endpoint = endpoint
    this._to = to
  }

  begin(make: (sink: ConstructorParameters<typeof UtpConnection>[0]['sink']) => UtpConnection): void {
    this.connection = make({
      send: datagram => this._endpoint.send(this._to, datagram),
      onOpen: () => (this.opened = true),
      onData: view => {
        this.chunks.push(new Uint8Array(view))
        this.bytes += view.byteLength
      },
      onEnd: () => (this.ended = true),
      onDrain: () => {},
      onClose: error => (this.closed = error ?? 'clean')
    })
    this.schedule()
  }

  receive(datagram: Uint8Array): void {
    const before = this.bytes
    this.connection.receive(datagram, this._clock.now)
    this.connection.endTurn(this._clock.now)
    if (this.reading) this.connection.consume(this.bytes - before, this._clock.now)
    this.schedule()
  }

  do(work: (connection: UtpConnection, now: number) => void): void {
    work(this.connection, this._clock.now)
    this.schedule()
  }

  schedule(): void {
    this._clock.clearTimeout(this._timer)
    const { wakeAt } = this.connection
    if (wakeAt === undefined) return
    this._timer = this._clock.setAt(() => {
      this.connection.tick(this._clock.now)
      this.schedule()
    }, wakeAt)
  }
}

/** A dialer and an acceptor over a simulated link. The acceptor answers SYNs without state until one is acknowledged. */
export function twoEnds(link: LinkOptions, seed: number, options: UtpConnectionOptions = {}) {
  const clock = new VirtualClock(1000)
  const network = new Network({ clock, seed, link, logged: false })
  // Of the number of the SYN too: a later packet that overtakes the first one must not begin the connection.
  const cookieOf = (sequence: number): number => (sequence * 40_503 + 12_345) & 0xffff
  let made = false
  const serverPlace = network.bind('b', (_from, bytes) => {
    const packet = decodePacket(bytes)
    if (packet?.type === packetType.syn) {
      const answer = new Uint8Array(20)
      const view = new DataView(answer.buffer)
      view.setUint16(0, 0x2100)
      view.setUint16(2, packet.connectionId)
      view.setUint32(12, 1024 * 1024)
      view.setUint16(16, cookieOf(packet.sequence))
      view.setUint16(18, packet.sequence)
      serverPlace.send('a', answer)
      return
    }
    const remoteSequence = packet === undefined ? 0 : (packet.sequence - 1) & 0xffff
    const cookie = cookieOf(remoteSequence)
    if (!made && packet?.acknowledgement === ((cookie - 1) & 0xffff)) {
      made = true
      const start = {
        role: 'acceptor',
        connectionId: packet.connectionId - 1,
        remoteSequence,
        sequence: cookie
      } as const
      server.begin(sink => new UtpConnection({ sink, now: clock.now, start, options }))
    }
    if (made) server.receive(bytes)
  })
  const clientPlace = network.bind('a', (_from, bytes) => client.receive(bytes))
  const server = new End(clock, serverPlace, 'a')
  const client = new End(clock, clientPlace, 'b')
  client.begin(
    sink =>
      new UtpConnection({
        sink,
        now: clock.now,
        options,
        start: { role: 'dialer', connectionId: 500, sequence: 65_530 }
      })
  )
  return { clock, network, client, server }
}
