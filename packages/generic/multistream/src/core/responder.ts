/** The listener's side of a negotiation, without I/O: answers proposals until one is accepted. */
import { concat, encodeVarint, fromUtf8 } from '@weft/bytes'
import { MultistreamError } from '../errors.ts'
import { maxProposals } from './limits.ts'
import { encodeLine, headerAndLine, headerLength, headerLine, LineReader, list, notAvailable } from './lines.ts'
import type { Step } from './step.ts'

/** What a listener accepts: names, or a rule. A `Set` is asked at the time of each proposal, not copied. */
export type AcceptedProtocols = Iterable<string> | ((protocol: string) => boolean)

/** Options of a listener. */
export interface ResponderOptions {
  /**
   * Whether `ls` is answered with the names, once. Before the remote is authenticated it should not be: anyone could
   * ask. There is no list where a rule accepts.
   * @default false
   */
  allowLs?: boolean | undefined
}

const refusal = encodeLine(notAvailable)

/**
 * The listener's negotiation: give `receive` what comes, send what it replies, until a step names the protocol. A remote
 * that says nothing may be one that waits: `greet` has what to send then.
 */
export class Responder {
  private readonly _names: ReadonlySet<string> | undefined
  private readonly _accepts: (protocol: string) => boolean
  private readonly _reader = new LineReader()
  private _mayList: boolean
  private _headerSeen = false
  private _headerSent = false
  private _proposals = 0

  constructor(protocols: AcceptedProtocols, options: ResponderOptions = {}) {
    const names =
      typeof protocols === 'function' ? undefined : protocols instanceof Set ? protocols : new Set(protocols)
    this._names = names
    this._accepts = typeof protocols === 'function' ? protocols : protocol => names!.has(protocol)
    this._mayList = options.allowLs === true && names !== undefined
  }

  /** The header, to be sent now and not with the first reply; `undefined` where it was given already. A shared view. */
  greet(): Uint8Array | undefined {
    if (this._headerSent) return undefined
    this._headerSent = true
    return headerLine
  }

  /**
   * Takes a chunk; `undefined` when it calls for nothing. Throws `MultistreamError` when the remote broke the rules or
   * proposed 32 protocols in vain; where an answer is owed to what came before that, the step has both. The header and an accepted protocol that came together are answered in one view.
   */
  receive(chunk: Uint8Array): Step | undefined {
    this._reader.push(chunk)
    const reply: Uint8Array[] = []
    let headerOwed = false
    if (!this._headerSeen) {
      if (!this._reader.takeHeader()) return undefined
      this._headerSeen = true
      headerOwed = !this._headerSent
      this._headerSent = true
    }
    for (let line = this._next(); line !== undefined; line = this._next()) {
      if (line instanceof Error) {
        if (reply.length === 0) throw line
        return { reply: this._joined(headerOwed, reply), protocol: undefined, rest: undefined, error: line }
      }
      if (this._accepts(line)) {
        const answer = headerAndLine(line)
        if (headerOwed && reply.length === 0) return { reply: answer, protocol: line, rest: this._reader.rest() }
        reply.push(answer.subarray(headerLength))
        return { reply: this._joined(headerOwed, reply), protocol: line, rest: this._reader.rest() }
      }
      reply.push(this._refuse(line))
    }
    if (!headerOwed && reply.length === 0) return undefined
    return { reply: this._joined(headerOwed, reply), protocol: undefined, rest: undefined }
  }

  /** The next line, or what is wrong with it: what was refused before is told first. */
  private _next(): string | Error | undefined {
    try {
      const line = this._reader.next()
      if (line !== undefined) this._count()
      return line
    } catch (error) {
      return error as Error
    }
  }

  private _count(): void {
    if (++this._proposals <= maxProposals) return
    throw new MultistreamError('ERR_MULTISTREAM_PROPOSALS', `the remote proposed ${maxProposals} protocols in vain`)
  }

  private _refuse(line: string): Uint8Array {
    if (line !== list || !this._mayList) return refusal
    this._mayList = false
    // One message that holds a line for each name and a newline of its own.
    const lines = concat([...[...this._names!].map(encodeLine), fromUtf8('\n')])
    return concat([encodeVarint(lines.byteLength), lines])
  }

  private _joined(headerOwed: boolean, reply: Uint8Array[]): Uint8Array {
    if (headerOwed) reply.unshift(headerLine)
    return reply.length > 1 ? concat(reply) : reply[0]!
  }
}
