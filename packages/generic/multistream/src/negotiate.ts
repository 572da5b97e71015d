import { abortReason } from '@weft/errors'
import type { Step } from './core/step.ts'
import { MultistreamError } from './errors.ts'
import type { Pipe, PipeSink } from './pipe.ts'

/** One side of a negotiation. */
export interface Negotiator {
  receive(chunk: Uint8Array): Step | undefined
}

/** What a side sends before it has heard anything. */
export interface Opening {
  /** Milliseconds in which nothing must have arrived; 0 sends at once. */
  readonly after: number
  /** Asked for when it is sent. */
  readonly bytes: () => Uint8Array | undefined
}

/** Runs a negotiation over a pipe. Whatever happens, the pipe is detached in the end; it is left to its owner. */
export function negotiate(
  pipe: Pipe,
  negotiator: Negotiator,
  opening: Opening | undefined,
  signal: AbortSignal | undefined
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal))
      return
    }
    let silence: ReturnType<typeof setTimeout> | undefined
    const leave = (unread?: Uint8Array): void => {
      clearTimeout(silence)
      signal?.removeEventListener('abort', onAbort)
      pipe.detach(unread)
    }
    const fail = (error: unknown): void => {
      leave()
      reject(error)
    }
    const onAbort = (): void => fail(abortReason(signal!))
    const onOver = (error: Error | undefined): void => fail(error ?? endedEarly())
    const sink: PipeSink = {
      onBytes: chunk => {
        clearTimeout(silence)
        try {
          const step = negotiator.receive(chunk)
          if (step?.reply !== undefined) pipe.writev([step.reply])
          // What was owed has been said.
          if (step?.error !== undefined) throw step.error
          if (step?.protocol === undefined) return
          leave(step.rest)
          resolve(step.protocol)
        } catch (error) {
          fail(error)
        }
      },
      // A few lines: nothing waits for room.
      onDrain: () => {},
      onEnd: () => onOver(undefined),
      onClose: onOver
    }
    try {
      pipe.attach(sink)
    } catch (error) {
      reject(error)
      return
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const open = (): void => {
      try {
        const bytes = opening?.bytes()
        if (bytes !== undefined) pipe.writev([bytes])
      } catch (error) {
        fail(error)
      }
    }
    if (opening?.after === 0) open()
    else if (opening !== undefined) silence = setTimeout(open, opening.after)
  })
}

function endedEarly(): MultistreamError {
  return new MultistreamError('ERR_MULTISTREAM_ENDED', 'the stream ended before a protocol was agreed on')
}
