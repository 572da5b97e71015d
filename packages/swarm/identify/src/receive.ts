/** Reads what a peer says about itself from a stream. */
import type { Stream } from '@libp2p/interface'
import { LengthPrefixedReader } from '@weft/bytes'
import { abortReason, InvalidMessageError, ProtocolError } from '@weft/errors'
import { type ByteSink, openPipe } from '@weft/interface-connection'
import { maxMessages } from './core/limits.ts'
import { mergeMessages } from './core/merge.ts'
import { type IdentifyMessage, identifyMessage } from './core/message.ts'
import { HeldBytes } from './held-bytes.ts'

/**
 * The messages of a stream as one, then closes the stream. Where the signal fires, the stream breaks or more than ten
 * messages come, what was read so far counts, and the stream is aborted.
 *
 * @throws InvalidMessageError for a message that is too long or does not decode, or if there is none; ResourceLimitError
 * where the stream's account has no room for what is collected; the signal's reason or the stream's error if there is no
 * message yet
 */
export async function receiveMessages(
  stream: Stream,
  maxMessageSize: number,
  signal: AbortSignal
): Promise<IdentifyMessage> {
  const held = new HeldBytes(stream)
  try {
    const { messages, failure } = await readAll(stream, maxMessageSize, signal, held)
    if (failure === undefined) await stream.close({ signal }).catch((error: Error) => stream.abort(error))
    else stream.abort(failure)
    return mergeMessages(messages)
  } finally {
    held.set(0)
  }
}

interface Received {
  messages: IdentifyMessage[]
  /** Why reading ended before the stream did. */
  failure: Error | undefined
}

function readAll(stream: Stream, maxMessageSize: number, signal: AbortSignal, held: HeldBytes): Promise<Received> {
  return new Promise((resolve, reject) => {
    const pipe = openPipe(stream)
    const reader = new LengthPrefixedReader(maxMessageSize)
    const messages: IdentifyMessage[] = []
    let over = false
    let messageBytes = 0

    const stop = (failure: Error | undefined): void => {
      if (over) return
      over = true
      signal.removeEventListener('abort', onAbort)
      pipe.detach()
      if (messages.length > 0) resolve({ messages, failure })
      else reject(failure ?? new InvalidMessageError('the peer sent no identify message'))
    }
    const onAbort = (): void => stop(abortReason(signal))
    const sink: ByteSink = {
      onBytes(chunk) {
        if (over) return
        reader.push(chunk)
        try {
          for (let bytes = reader.next(); bytes !== undefined; bytes = reader.next()) {
            if (messages.length === maxMessages) {
              stop(new ProtocolError(`more than ${maxMessages} identify messages`))
              return
            }
            // A copy: what is kept of it must not hold the chunk, which may be far larger.
            messages.push(identifyMessage.decode(new Uint8Array(bytes), { maxSize: maxMessageSize }))
            messageBytes += bytes.byteLength
          }
        } catch (cause) {
          messages.length = 0
          stop(new InvalidMessageError('not an identify message', { cause }))
          return
        }
        reader.keepRest()
        try {
          held.set(messageBytes + reader.byteLength)
        } catch (error) {
          messages.length = 0
          stop(error as Error)
        }
      },
      onDrain() {},
      onEnd: () => stop(undefined),
      onClose: error => stop(error)
    }

    if (signal.aborted) {
      reject(abortReason(signal))
      return
    }
    signal.addEventListener('abort', onAbort)
    pipe.attach(sink)
  })
}
