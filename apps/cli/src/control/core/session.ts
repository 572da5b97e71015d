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
  private readonly _lines = new LineReader()
  private _state: State
  private _actions: Action[] = []

  constructor(now: number) {
    this._state = { kind: 'reading', deadline: now + requestTimeout }
  }

  /** When `tick` is to be called. */
  get wakeAt(): number | undefined {
    return this._state.kind === 'closed' ? undefined : this._state.deadline
  }

  /** What has come up since it was last asked, in order. */
  takeActions(): Action[] {
    const actions = this._actions
    this._actions = []
    return actions
  }

  /** The client has sent bytes. They are held, not copied. */
  receive(chunk: Uint8Array, now: number): void {
    if (this._state.kind === 'closed') return
    this._lines.push(chunk)
    if (this._state.kind === 'reading') this._readOn(now)
    else if (this._lines.length > maxLineLength) this._fail(tooMuch())
  }

  /** A line of the answer; after its last one the next request is read. */
  reply(reply: Reply, now: number): void {
    if (this._state.kind !== 'answering') return
    let bytes: Uint8Array<ArrayBuffer>
    try {
      bytes = encodeLine(reply)
    } catch (error) {
      this._fail(error as Error)
      return
    }
    this._actions.push({ type: 'send', bytes })
    if ('item' in reply) return
    this._state = { kind: 'reading', deadline: now + requestTimeout }
    this._readOn(now)
  }

  /** The client is gone. */
  left(): void {
    this._close(new WeftError('AbortError', 'ERR_CLIENT_LEFT', 'the client has left'))
  }

  /** To be called at `wakeAt`. */
  tick(now: number): void {
    const state = this._state
    if (state.kind === 'closed' || now < state.deadline) return
    const why =
      state.kind === 'reading'
        ? `no request came within ${requestTimeout} ms`
        : `the answer took more than ${answerTimeout} ms`
    this._fail(new WeftError('TimeoutError', 'ERR_TIMEOUT', why))
  }

  private _readOn(now: number): void {
    try {
      const line = this._lines.next()
      if (line === undefined) return
      const request = parseRequest(line)
      this._state = { kind: 'answering', deadline: now + answerTimeout }
      this._actions.push({ type: 'answer', request })
    } catch (error) {
      this._fail(error as Error)
    }
  }

  /** The client is told, and closed: where its next line begins may not be known, and an error for each would be many. */
  private _fail(error: Error): void {
    this._actions.push({ type: 'send', bytes: encodeLine(errorReply(error)) })
    this._close(error)
  }

  private _close(reason: Error): void {
    if (this._state.kind === 'closed') return
    if (this._state.kind === 'answering') this._actions.push({ type: 'cancel', reason })
    this._state = { kind: 'closed' }
    this._actions.push({ type: 'close' })
  }
}

function tooMuch(): ControlProtocolError {
  return new ControlProtocolError('ERR_LINE_TOO_LONG', 'too much came before the answer was there')
}
