/**
 * One client of the control socket, as a state machine: bytes and the time go in; what is to be done and the next
 * deadline come out. One request is answered at a time.
 */
import { WeftError } from '@weft/errors'
import { answerTimeout, maxLineLength, requestTimeout } from './limits.ts'
import { LineReader } from './line-reader.ts'
import { ControlProtocolError, encodeLine, errorReply, parseRequest, type Reply, type Request } from './protocol.ts'

/** What the adapter has to do. */
export type Action =
  /** Answer this: each line by `reply`, the last of them an `end` or an `error`. */
  | { readonly type: 'answer'; readonly request: Request }
  | { readonly type: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Nobody waits for the answer any more. */
  | { readonly type: 'cancel'; readonly reason: Error }
  /** Close the connection, when what was sent has left. */
  | { readonly type: 'close' }

type State =
  | { readonly kind: 'reading'; readonly deadline: number }
  | { readonly kind: 'answering'; readonly deadline: number }
  | { readonly kind: 'closed' }

export class ControlSession {
  readonly #lines = new LineReader()
  #state: State
  #actions: Action[] = []

  constructor(now: number) {
    this.#state = { kind: 'reading', deadline: now + requestTimeout }
  }

  /** When `tick` is to be called. */
  get wakeAt(): number | undefined {
    return this.#state.kind === 'closed' ? undefined : this.#state.deadline
  }

  /** What has come up since it was last asked, in order. */
  takeActions(): Action[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  /** The client has sent bytes. They are held, not copied. */
  receive(chunk: Uint8Array, now: number): void {
    if (this.#state.kind === 'closed') return
    this.#lines.push(chunk)
    if (this.#state.kind === 'reading') this.#readOn(now)
    else if (this.#lines.length > maxLineLength) this.#fail(tooMuch())
  }

  /** A line of the answer; after its last one the next request is read. */
  reply(reply: Reply, now: number): void {
    if (this.#state.kind !== 'answering') return
    let bytes: Uint8Array<ArrayBuffer>
    try {
      bytes = encodeLine(reply)
    } catch (error) {
      this.#fail(error as Error)
      return
    }
    this.#actions.push({ type: 'send', bytes })
    if ('item' in reply) return
    this.#state = { kind: 'reading', deadline: now + requestTimeout }
    this.#readOn(now)
  }

  /** The client is gone. */
  left(): void {
    this.#close(new WeftError('AbortError', 'ERR_CLIENT_LEFT', 'the client has left'))
  }

  /** To be called at `wakeAt`. */
  tick(now: number): void {
    const state = this.#state
    if (state.kind === 'closed' || now < state.deadline) return
    const why =
      state.kind === 'reading'
        ? `no request came within ${requestTimeout} ms`
        : `the answer took more than ${answerTimeout} ms`
    this.#fail(new WeftError('TimeoutError', 'ERR_TIMEOUT', why))
  }

  #readOn(now: number): void {
    try {
      const line = this.#lines.next()
      if (line === undefined) return
      const request = parseRequest(line)
      this.#state = { kind: 'answering', deadline: now + answerTimeout }
      this.#actions.push({ type: 'answer', request })
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** The client is told, and closed: where its next line begins may not be known, and an error for each would be many. */
  #fail(error: Error): void {
    this.#actions.push({ type: 'send', bytes: encodeLine(errorReply(error)) })
    this.#close(error)
  }

  #close(reason: Error): void {
    if (this.#state.kind === 'closed') return
    if (this.#state.kind === 'answering') this.#actions.push({ type: 'cancel', reason })
    this.#state = { kind: 'closed' }
    this.#actions.push({ type: 'close' })
  }
}

function tooMuch(): ControlProtocolError {
  return new ControlProtocolError('ERR_LINE_TOO_LONG', 'too much came before the answer was there')
}
