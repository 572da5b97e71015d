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
  readonly #names: ReadonlySet<string> | undefined
  readonly #accepts: (protocol: string) => boolean
  readonly #reader = new LineReader()
  #mayList: boolean
  #headerSeen = false
  #headerSent = false
  #proposals = 0

  constructor(protocols: AcceptedProtocols, options: ResponderOptions = {}) {
    const names =
      typeof protocols === 'function' ? undefined : protocols instanceof Set ? protocols : new Set(protocols)
    this.#names = names
    this.#accepts = typeof protocols === 'function' ? protocols : protocol => names!.has(protocol)
    this.#mayList = options.allowLs === true && names !== undefined
  }

  /** The header, to be sent now and not with the first reply; `undefined` where it was given already. A shared view. */
  greet(): Uint8Array | undefined {
    if (this.#headerSent) return undefined
    this.#headerSent = true
    return headerLine
  }

  /**
   * Takes a chunk; `undefined` when it calls for nothing. Throws `MultistreamError` when the remote broke the rules or
   * proposed 32 protocols in vain. The header and an accepted protocol that came together are answered in one view.
   */
  receive(chunk: Uint8Array): Step | undefined {
    this.#reader.push(chunk)
    const reply: Uint8Array[] = []
    let headerOwed = false
    if (!this.#headerSeen) {
      if (!this.#reader.takeHeader()) return undefined
      this.#headerSeen = true
      headerOwed = !this.#headerSent
      this.#headerSent = true
    }
    for (let line = this.#reader.next(); line !== undefined; line = this.#reader.next()) {
      this.#count()
      if (this.#accepts(line)) {
        const answer = headerAndLine(line)
        if (headerOwed && reply.length === 0) return { reply: answer, protocol: line, rest: this.#reader.rest() }
        reply.push(answer.subarray(headerLength))
        return { reply: this.#joined(headerOwed, reply), protocol: line, rest: this.#reader.rest() }
      }
      reply.push(this.#refuse(line))
    }
    if (!headerOwed && reply.length === 0) return undefined
    return { reply: this.#joined(headerOwed, reply), protocol: undefined, rest: undefined }
  }

  #count(): void {
    if (++this.#proposals <= maxProposals) return
    throw new MultistreamError('ERR_MULTISTREAM_PROPOSALS', `the remote proposed ${maxProposals} protocols in vain`)
  }

  #refuse(line: string): Uint8Array {
    if (line !== list || !this.#mayList) return refusal
    this.#mayList = false
    // One message that holds a line for each name and a newline of its own.
    const lines = concat([...[...this.#names!].map(encodeLine), fromUtf8('\n')])
    return concat([encodeVarint(lines.byteLength), lines])
  }

  #joined(headerOwed: boolean, reply: Uint8Array[]): Uint8Array {
    if (headerOwed) reply.unshift(headerLine)
    return reply.length > 1 ? concat(reply) : reply[0]!
  }
}
