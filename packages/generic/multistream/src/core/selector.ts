/** The dialer's side of a negotiation, without I/O: proposes one protocol after the other. */
import { concat } from '@weft/bytes'
import { InvalidParametersError, UnsupportedProtocolError } from '@weft/errors'
import { MultistreamError } from '../errors.ts'
import { headerAndLine, headerLength, LineReader, notAvailable } from './lines.ts'
import type { Step } from './step.ts'

/**
 * The dialer's negotiation: send `opening`, give `receive` what comes, send what it replies, until a step names the
 * protocol.
 */
export class Selector {
  private readonly _protocols: readonly string[]
  private readonly _reader = new LineReader()
  private _headerSeen = false
  private _proposed = 0

  /** @param protocols - what to propose, best first. Throws `InvalidParametersError` if there is none or one cannot be. */
  constructor(protocols: readonly string[]) {
    if (protocols.length === 0) throw new InvalidParametersError('there is no protocol to propose')
    for (const protocol of protocols) headerAndLine(protocol)
    this._protocols = protocols
  }

  /** What to send first: the header and the first proposal. A shared view: not to be written to. */
  get opening(): Uint8Array {
    return headerAndLine(this._protocols[0]!)
  }

  /**
   * Takes a chunk; `undefined` when it calls for nothing. Throws `UnsupportedProtocolError` when the remote has refused
   * everything, `MultistreamError` when it broke the rules.
   */
  receive(chunk: Uint8Array): Step | undefined {
    this._reader.push(chunk)
    if (!this._headerSeen) {
      if (!this._reader.takeHeader()) return undefined
      this._headerSeen = true
    }
    const reply: Uint8Array[] = []
    for (let line = this._reader.next(); line !== undefined; line = this._reader.next()) {
      if (line === notAvailable) {
        reply.push(this._proposeNext())
      } else if (line === this._protocols[this._proposed]) {
        return { reply: joined(reply), protocol: line, rest: this._reader.rest() }
      } else throw noAnswer()
    }
    return reply.length === 0 ? undefined : { reply: joined(reply), protocol: undefined, rest: undefined }
  }

  private _proposeNext(): Uint8Array {
    const next = this._protocols[++this._proposed]
    if (next === undefined) throw unsupported(this._protocols)
    return headerAndLine(next).subarray(headerLength)
  }
}

function joined(lines: Uint8Array[]): Uint8Array | undefined {
  return lines.length > 1 ? concat(lines) : lines[0]
}

export function noAnswer(): MultistreamError {
  return new MultistreamError('ERR_MULTISTREAM_ANSWER', 'the remote answered a proposal with something else')
}

export function unsupported(protocols: readonly string[]): UnsupportedProtocolError {
  return new UnsupportedProtocolError(`the remote supports none of ${protocols.join(', ')}`, { facts: { protocols } })
}
