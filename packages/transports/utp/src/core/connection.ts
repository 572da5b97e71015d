import { UtpError } from '../errors.ts'
import type { UtpConnectionInit, UtpSink } from './connection-types.ts'
import { Ledbat } from './ledbat.ts'
import { decodePacket, encodePacket, headerLength, type Packet, packetType, type PacketType } from './packet.ts'
import { Received } from './received.ts'
import { RoundTrip } from './round-trip.ts'
import { SendQueue } from './send-queue.ts'
import { after, distance } from './sequence.ts'
import { Unacknowledged } from './unacknowledged.ts'

/** A SYN is not sent again under its id: peers do not repeat a lost answer. The dial is tried anew after this, in ms. */
const synTimeout = 3000

/** Retransmissions by timeout without any progress, then the connection has failed. */
const maxTimeouts = 5

/** An idle connection is kept alive, and NATs with it (libutp: 29 s), in ms. */
const keepAliveInterval = 29_000

/** How long a closed connection answers a FIN that is sent again, in ms. */
const lingering = 3000

/** A window of 0 is probed no less often, in ms. */
const maxProbeInterval = 15_000

type State =
  | { readonly kind: 'syn-sent'; readonly until: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'lingering'; readonly until: number }
  | { readonly kind: 'closed' }

const nothing = new Uint8Array(0)

/**
 * One uTP connection (BEP 29), without I/O: datagrams and the time go in, datagrams and bytes come out. Where the text and
 * its implementations differ it speaks what all of them understand: a dialer acknowledges the sequence number before that
 * of the answer to its SYN; no extension but SACK is sent; a FIN that comes after ours is acknowledged twice.
 */
export class UtpConnection {
  /** Bytes sent again. */
  retransmitted = 0
  private readonly _sink: UtpSink
  private readonly _receiveId: number
  private readonly _sendId: number
  private readonly _receiveWindow: number
  private readonly _maxPayload: number
  private readonly _ledbat: Ledbat
  private readonly _roundTrip = new RoundTrip()
  private readonly _sent = new Unacknowledged()
  private readonly _queue = new SendQueue()
  private _received: Received | undefined
  private _state: State
  private _next: number
  private _unconsumed = 0
  private _remoteWindow: number
  private _difference = 0
  private _duplicates = 0
  private _lastAck: number
  private _timeouts = 0
  private _retransmitAt: number | undefined
  private _idleSince: number
  private _ackPending = false
  private _announced = 0
  private _ending = false
  private _fin: number | undefined
  private _finAcknowledged = false
  private _remoteFin: number | undefined
  private _remoteEnded = false

  constructor({ sink, now, options = {}, start }: UtpConnectionInit) {
    const { receiveWindow = 1024 * 1024, maxDatagram = 1402 } = options
    this._sink = sink
    this._receiveWindow = receiveWindow
    this._maxPayload = maxDatagram - headerLength
    this._ledbat = new Ledbat(maxDatagram, options)
    this._idleSince = now
    if (start.role === 'dialer') {
      this._receiveId = start.connectionId
      this._sendId = after(start.connectionId, 1)
      this._next = after(start.sequence, 1)
      this._lastAck = start.sequence
      this._remoteWindow = maxDatagram
      this._state = { kind: 'syn-sent', until: now + synTimeout }
      this._emit(packetType.syn, start.sequence, nothing, now, this._receiveId)
    } else {
      this._receiveId = after(start.connectionId, 1)
      this._sendId = start.connectionId
      this._received = new Received(start.remoteSequence)
      this._next = start.sequence
      this._lastAck = after(start.sequence, -1)
      this._remoteWindow = maxDatagram
      this._state = { kind: 'open' }
    }
  }

  /** Bytes written that are not acknowledged, those that were not sent included. */
  get buffered(): number {
    return this._queue.length + this._sent.flight
  }

  /** When `tick` is to be called, in ms; `undefined` once nothing is left to do. */
  get wakeAt(): number | undefined {
    const { _state: state } = this
    if (state.kind === 'closed') return undefined
    if (state.kind !== 'open') return state.until
    return this._retransmitAt ?? this._idleSince + keepAliveInterval
  }

  /** Takes a datagram of the remote. Whatever it holds, nothing is thrown. */
  receive(datagram: Uint8Array, now: number): void {
    const packet = decodePacket(datagram)
    if (packet === undefined || this._state.kind === 'closed' || packet.type === packetType.syn) return
    if (packet.type === packetType.reset) {
      const isOurs = packet.connectionId === this._receiveId || packet.connectionId === this._sendId
      if (isOurs) this._close(new UtpError('ERR_RESET', 'the remote reset the connection'), undefined)
      return
    }
    if (packet.connectionId !== this._receiveId) return
    if (this._state.kind === 'syn-sent') {
      if (packet.type !== packetType.state || packet.acknowledgement !== after(this._next, -1)) return
      // The answer takes no number: the first data of the remote has the same.
      this._received = new Received(after(packet.sequence, -1))
      this._state = { kind: 'open' }
      this._roundTrip.sample(now - this._idleSince)
      this._note(packet, now)
      this._sink.onOpen()
      this._flush(now)
      return
    }
    const behind = distance(packet.acknowledgement, after(this._next, -1))
    if (behind < 0 || behind > this._sent.size + 3) return
    const isKeepAlive = packet.type === packetType.state && behind === this._sent.size + 1
    this._note(packet, now)
    this._onAcknowledgement(packet, now)
    // Closing may have happened meanwhile, in a call of the sink.
    if (this._isClosed()) return
    if (packet.type !== packetType.state) this._onContent(packet, now)
    else if (isKeepAlive && this._sent.size === 0) this._ackPending = true
    if (!this._isClosed()) this._flush(now)
  }

  /** Queues a copy-free chunk, which must not change. Throws `UtpError` (`ERR_CLOSED`) after `end` or the close. */
  write(chunk: Uint8Array, now: number): void {
    if (this._ending || this._isClosed()) throw new UtpError('ERR_CLOSED', 'the uTP connection sends no more')
    if (chunk.byteLength === 0) return
    this._queue.push(chunk)
    this._flush(now)
  }

  /** Sends no more once all is sent; the remote may go on. Idempotent. */
  end(now: number): void {
    if (this._ending || this._isClosed()) return
    this._ending = true
    this._flush(now)
  }

  /** Bytes of `onData` take no more room. */
  consume(bytes: number, now: number): void {
    this._unconsumed = Math.max(0, this._unconsumed - bytes)
    // A sender that has stopped is told as soon as there is room for it; half the window keeps the updates few.
    const isWorth =
      this._announced < 2 * this._maxPayload || this._window() - this._announced >= this._receiveWindow / 2
    if (isWorth && this._window() > this._announced && this._state.kind === 'open') this._sendState(now)
  }

  /** Sends the acknowledgement that is due. To be called after the datagrams of one turn. */
  endTurn(now: number): void {
    if (this._ackPending && (this._state.kind === 'open' || this._state.kind === 'lingering')) this._sendState(now)
  }

  /** Resets the connection: nothing more comes or goes. Idempotent. */
  reset(now: number): void {
    if (this._isClosed()) return
    this._emit(packetType.reset, this._next, nothing, now)
    this._close(new UtpError('ERR_CLOSED', 'the uTP connection was reset on this side'), undefined)
  }

  /** Does what is due. */
  tick(now: number): void {
    const { _state: state, wakeAt } = this
    if (wakeAt === undefined || now < wakeAt) return
    if (state.kind === 'syn-sent') {
      this._close(new UtpError('ERR_SYN_TIMEOUT', `no answer to the SYN within ${synTimeout} ms`), undefined)
    } else if (state.kind === 'lingering') this._state = { kind: 'closed' }
    else if (this._retransmitAt === undefined) this._keepAlive(now)
    else this._onTimeout(now)
  }

  private _isClosed(): boolean {
    return this._state.kind === 'closed' || this._state.kind === 'lingering'
  }

  private _note(packet: Packet, now: number): void {
    this._difference = (micros(now) - packet.timestamp) >>> 0
    this._remoteWindow = packet.window
    this._idleSince = now
    // A remote that has no room for a packet, and says so, is alive: its window may stay closed for as long as it likes.
    if (packet.window < this._maxPayload) this._timeouts = 0
  }

  private _onAcknowledgement(packet: Packet, now: number): void {
    const { acknowledgement, sack } = packet
    const flight = this._sent.flight
    let acked = 0
    const onPacket = ({ payload, sent, sentAt, selective, type }: (typeof this._sent)['oldest'] & object): void => {
      if (!selective) acked += payload.byteLength
      if (sent === 1 && !selective) this._roundTrip.sample(now - sentAt)
      if (type === packetType.fin) this._finAcknowledged = true
    }
    const before = this._sent.size
    this._sent.acknowledge(acknowledgement, onPacket)
    const progress = this._sent.size < before
    if (progress) {
      this._lastAck = acknowledgement
      this._duplicates = 0
    } else if (packet.type === packetType.state && acknowledgement === this._lastAck && before > 0) this._duplicates++
    if (sack !== undefined) {
      this._sent.select(acknowledgement, sack, selected => {
        acked += selected.payload.byteLength
        if (selected.sent === 1) this._roundTrip.sample(now - selected.sentAt)
      })
    }
    if (acked > 0 || progress) {
      this._timeouts = 0
      this._roundTrip.onProgress()
      this._ledbat.onAck(acked, packet.timestampDifference, flight, now)
      this._retransmitAt = this._sent.size > 0 ? now + this._roundTrip.timeout : undefined
    }
    this._recover(now)
    if (acked > 0) this._sink.onDrain()
    this._finish(now)
  }

  // Three duplicates, or three later packets of a SACK (BEP 29, "packet loss").
  private _recover(now: number): void {
    let isLost = false
    for (const packet of this._sent.lost()) {
      packet.recovered = true
      this._sent.setInFlight(packet, false)
      isLost = true
    }
    const { oldest } = this._sent
    if (this._duplicates >= 3 && oldest !== undefined && !oldest.recovered) {
      oldest.recovered = true
      this._sent.setInFlight(oldest, false)
      isLost = true
    }
    if (isLost) this._ledbat.onLoss(now)
  }

  private _onContent(packet: Packet, now: number): void {
    const received = this._received!
    const { sequence, payload, type } = packet
    this._ackPending = true
    if (this._remoteFin !== undefined && distance(this._remoteFin, sequence) > 0) return
    if (type === packetType.fin) this._remoteFin ??= sequence
    const ahead = distance(received.last, sequence)
    if (ahead > 1) {
      received.add(sequence, payload, this._receiveWindow - this._unconsumed - received.bytes)
      // At once: three of them have the gap filled.
      this._sendState(now)
      return
    }
    if (ahead < 1) {
      if (type === packetType.fin) this._acknowledgeFin(now)
      return
    }
    // What is next in order may exceed the rest of the window once: else a packet that does not fit would never come.
    if (payload.byteLength > 0 && this._unconsumed >= this._receiveWindow) return
    received.last = sequence
    this._deliver(payload)
    for (let next = received.take(); next !== undefined && !this._isClosed(); next = received.take())
      this._deliver(next)
    if (this._remoteFin !== undefined && received.last === this._remoteFin && !this._remoteEnded && !this._isClosed()) {
      this._remoteEnded = true
      this._acknowledgeFin(now)
      this._sink.onEnd()
      this._finish(now)
    }
  }

  private _deliver(payload: Uint8Array): void {
    if (payload.byteLength === 0) return
    this._unconsumed += payload.byteLength
    this._sink.onData(payload)
  }

  // Peers differ in the number that they expect of a STATE after our FIN: libutp FIN + 1, libtorrent FIN. Both get theirs.
  private _acknowledgeFin(now: number): void {
    this._sendState(now)
    if (this._fin !== undefined) this._emit(packetType.state, this._fin, nothing, now)
  }

  private _flush(now: number): void {
    if (this._state.kind !== 'open') return
    for (let lost = this._sent.next(); lost !== undefined; lost = this._sent.next()) {
      if (!this._mayFly(Math.max(1, lost.payload.byteLength))) return this._schedule(now)
      lost.sent++
      lost.sentAt = now
      this.retransmitted += lost.payload.byteLength
      this._sent.setInFlight(lost, true)
      this._emit(lost.type, lost.sequence, lost.payload, now)
    }
    while (this._queue.length > 0) {
      const length = Math.min(this._queue.length, this._maxPayload)
      if (!this._mayFly(length)) return this._schedule(now)
      this._sendNew(packetType.data, this._queue.take(length), now)
    }
    if (this._ending && this._fin === undefined) {
      this._fin = this._next
      this._sendNew(packetType.fin, nothing, now)
    }
    this._schedule(now)
  }

  // One packet may always fly, so that a small window does not stop the stream; into a closed one only the probe goes.
  private _mayFly(length: number): boolean {
    const { flight } = this._sent
    if (this._sent.size >= 0x3fff) return false
    if (flight === 0) return this._remoteWindow > 0
    return flight + length <= Math.min(this._ledbat.window, this._remoteWindow)
  }

  private _schedule(now: number): void {
    const isWaiting = this._sent.size > 0 || this._queue.length > 0
    if (isWaiting) this._retransmitAt ??= now + this._roundTrip.timeout
    else this._retransmitAt = undefined
  }

  private _sendNew(type: PacketType, payload: Uint8Array, now: number): void {
    const sequence = this._next
    this._next = after(sequence, 1)
    this._sent.add({
      sequence,
      type,
      payload,
      sentAt: now,
      sent: 1,
      inFlight: true,
      selective: false,
      recovered: false
    })
    this._emit(type, sequence, payload, now)
  }

  private _onTimeout(now: number): void {
    const isIdle = this._sent.flight === 0 && this._sent.next() === undefined
    const isProbe = isIdle && this._queue.length > 0 && this._remoteWindow === 0
    this._timeouts++
    if (this._timeouts > maxTimeouts) {
      this._close(new UtpError('ERR_TIMEOUT', `nothing was acknowledged in ${maxTimeouts} timeouts`), undefined)
      return
    }
    this._roundTrip.onTimeout()
    this._retransmitAt = now + Math.min(maxProbeInterval, this._roundTrip.timeout)
    if (isProbe) {
      // One byte: if it is taken, the answer tells the window; if not, it is sent again.
      this._sendNew(packetType.data, this._queue.take(1), now)
      return
    }
    this._ledbat.onTimeout()
    this._sent.loseAll()
    const { oldest } = this._sent
    if (oldest === undefined) return
    oldest.recovered = false
    oldest.sent++
    oldest.sentAt = now
    this.retransmitted += oldest.payload.byteLength
    this._sent.setInFlight(oldest, true)
    this._emit(oldest.type, oldest.sequence, oldest.payload, now)
  }

  private _keepAlive(now: number): void {
    this._idleSince = now
    // One before the last: the remote answers it (libutp).
    this._emit(packetType.state, this._next, nothing, now, this._sendId, after(this._received!.last, -1))
  }

  private _finish(now: number): void {
    if (this._finAcknowledged && this._remoteEnded && !this._isClosed()) this._close(undefined, now + lingering)
  }

  private _close(error: UtpError | undefined, lingerUntil: number | undefined): void {
    this._state = lingerUntil === undefined ? { kind: 'closed' } : { kind: 'lingering', until: lingerUntil }
    this._queue.clear()
    this._retransmitAt = undefined
    this._sink.onClose(error)
  }

  private _window(): number {
    return Math.max(0, this._receiveWindow - this._unconsumed - (this._received?.bytes ?? 0))
  }

  private _sendState(now: number): void {
    this._emit(packetType.state, this._next, nothing, now)
  }

  private _emit(
    type: PacketType,
    sequence: number,
    payload: Uint8Array,
    now: number,
    connectionId = this._sendId,
    acknowledgement = this._received?.last ?? 0
  ): void {
    this._ackPending = false
    this._announced = this._window()
    this._sink.send(
      encodePacket({
        type,
        connectionId,
        timestamp: micros(now),
        timestampDifference: this._difference,
        window: this._announced,
        sequence,
        acknowledgement,
        sack: type === packetType.state ? this._received?.sack() : undefined,
        payload
      })
    )
  }
}

function micros(now: number): number {
  return Math.floor((now * 1000) % 0x100000000) >>> 0
}
