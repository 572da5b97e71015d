import type { ByteCounts, ProposalStep } from '@weft/bytes'
import { asError, ProtocolError } from '@weft/errors'
import { inTurn } from './in-turn.ts'
import { Waiters } from './waiters.ts'

/** Reads the answer to a proposal: takes a chunk, and says whether the answer is complete and what lies behind it. */
type ReadAnswer = (chunk: Uint8Array) => ProposalStep

/** What a proposal needs of its stream. */
export interface ProposalHost {
  /** Whether the stream has ended. */
  readonly isOver: boolean
  /** Bytes of the answer were read. */
  consumed(length: number): void
  /** The remote has agreed. */
  agreed(): void
  /** The answer breaks the protocol. */
  abort(error: Error): void
}

/**
 * What was proposed to the remote and is not answered yet: what arrives is the answer first. A stream has one while it waits,
 * and none before and after.
 */
export class Proposals {
  private readonly _host: ProposalHost
  private _answer: ReadAnswer
  private _ofReset: ((reset: Error) => Error) | undefined
  /** The counts of those that saw the proposal: the answer is added to them. */
  private _counts: ByteCounts | undefined
  private _waiters: Waiters | undefined

  constructor(host: ProposalHost, answer: ReadAnswer) {
    this._host = host
    this._answer = answer
  }

  /** Another proposal was sent behind this one: the remote answers in order. */
  add(answer: ReadAnswer): void {
    this._answer = inTurn(this._answer, answer)
  }

  /** `ofReset` explains a reset that comes instead of an answer; `counts` get the bytes of the answer. */
  explain(ofReset: ((reset: Error) => Error) | undefined, counts: ByteCounts | undefined): void {
    this._ofReset = ofReset
    this._counts = counts
  }

  /** Reads `chunk`, which has arrived. Returns what lies behind the answer, if there is any and the stream goes on. */
  receive(chunk: Uint8Array): Uint8Array | undefined {
    const rest = this.read(chunk)
    if (this._host.isOver) return undefined
    const taken = chunk.byteLength - (rest?.byteLength ?? 0)
    if (this._counts !== undefined) this._counts.received += taken
    this._host.consumed(taken)
    return rest
  }

  /** The same for bytes that had been received before the proposal: they are counted, and credit was granted. */
  read(chunk: Uint8Array): Uint8Array | undefined {
    try {
      const { done, rest } = this._answer(chunk)
      if (done) {
        this._waiters?.resolve()
        this._host.agreed()
      }
      return rest
    } catch (error) {
      this._host.abort(asError(error))
      return undefined
    }
  }

  /** Resolves once the remote has agreed; rejects if the stream ends before. */
  whenAgreed(): Promise<void> {
    this._waiters ??= new Waiters()
    return this._waiters.wait()
  }

  /** What a reset instead of an answer means. */
  resetError(reset: Error): Error {
    return this._ofReset === undefined ? reset : this._ofReset(reset)
  }

  /** What it means that the remote ended its side instead of answering. */
  endError(): Error {
    return new ProtocolError('the remote ended before it answered to what was proposed')
  }

  /** The stream is over. `makeError` is called only where someone waits: an error costs its stack trace. */
  fail(makeError: () => Error): void {
    if (this._waiters !== undefined) this._waiters.reject(makeError())
  }
}
