/**
 * The dialer's side where there is one protocol and no wait: its first data follows the proposal, and the answer is
 * taken from what comes back. The answer is known beforehand, so in the usual case it is only compared.
 */
import { headerAndLine, LineReader, notAvailable } from './lines.ts'
import { noAnswer, unsupported } from './selector.ts'

/** Whether the remote has agreed, and then the first bytes of the protocol, if they came with the answer. */
export interface OptimisticStep {
  /** Whether the remote has agreed. */
  readonly done: boolean
  /** Once it has: the bytes behind its answer, a view of the chunk. Absent if there are none. */
  readonly rest?: Uint8Array
}

const waiting: OptimisticStep = { done: false }
const agreed: OptimisticStep = { done: true }

/**
 * The dialer's negotiation of one protocol whose data does not wait for the answer. Send `prefix`, give `receive` what
 * comes.
 */
export class OptimisticSelection {
  /** The protocol that is proposed. */
  readonly protocol: string
  /** What to send before the first data: header and proposal. A shared view: not to be written to. */
  readonly prefix: Uint8Array
  private _matched = 0
  private _other: LineReader | undefined

  /** Throws `InvalidParametersError` for a name that no listener would read. */
  constructor(protocol: string) {
    this.protocol = protocol
    this.prefix = headerAndLine(protocol)
  }

  /** Whether the remote has agreed. */
  get done(): boolean {
    return this._matched === this.prefix.byteLength
  }

  /**
   * Takes a chunk of the answer. Throws `UnsupportedProtocolError` when the remote refuses, `MultistreamError` when it
   * answers anything else. After `done` it is not to be called.
   */
  receive(chunk: Uint8Array): OptimisticStep {
    // What the remote answers is what it was sent: header and protocol.
    const expected = this.prefix
    if (this._other !== undefined) {
      this._other.push(chunk)
      return this._readOther(this._other)
    }
    const length = Math.min(chunk.byteLength, expected.byteLength - this._matched)
    for (let i = 0; i < length; i++) {
      if (chunk[i] === expected[this._matched + i]) continue
      const reader = new LineReader()
      reader.push(expected.subarray(0, this._matched))
      reader.push(chunk)
      // Either this differs, which throws, or all of it is there.
      reader.takeHeader()
      this._other = reader
      return this._readOther(reader)
    }
    this._matched += length
    if (!this.done) return waiting
    return chunk.byteLength === length ? agreed : { done: true, rest: chunk.subarray(length) }
  }

  /** The answer differs: reads it to say how. */
  private _readOther(reader: LineReader): OptimisticStep {
    const line = reader.next()
    if (line === undefined) return waiting
    throw line === notAvailable ? unsupported([this.protocol]) : noAnswer()
  }
}
