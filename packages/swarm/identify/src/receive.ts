/** Reads what a peer says about itself from a stream. */
import type { Stream } from '@libp2p/interface'
import { InvalidMessageError, ProtocolError } from '@weft/errors'
import { HeldBytes, StreamMessages } from '@weft/interface-protocol'
import { maxMessages } from './core/limits.ts'
import { mergeMessages } from './core/merge.ts'
import { type IdentifyMessage, identifyMessage } from './core/message.ts'

/**
 * The messages of a stream as one, then closes the stream. Where the signal fires, the stream breaks or ends in the middle
 * of a message, or more than ten messages come, what was read so far counts, and the stream is aborted.
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
  const messages: IdentifyMessage[] = []
  try {
    await readAll(new StreamMessages(stream, { maxMessageSize, signal }), messages, maxMessageSize, held)
    await stream.close({ signal }).catch((error: Error) => stream.abort(error))
  } catch (error) {
    stream.abort(error as Error)
    const { name } = error as Error
    if (messages.length === 0 || name === 'InvalidMessageError' || name === 'ResourceLimitError') throw reasonOf(error)
  } finally {
    held.set(0)
  }
  if (messages.length === 0) throw new InvalidMessageError('the peer sent no identify message')
  return mergeMessages(messages)
}

async function readAll(
  stream: StreamMessages,
  messages: IdentifyMessage[],
  maxMessageSize: number,
  held: HeldBytes
): Promise<void> {
  let byteLength = 0
  for (let bytes = await stream.read(); bytes !== undefined; bytes = await stream.read()) {
    if (messages.length === maxMessages) throw new ProtocolError(`more than ${maxMessages} identify messages`)
    byteLength += bytes.byteLength
    held.set(byteLength)
    try {
      // A copy: what is kept of it must not hold the chunk, which may be far larger.
      messages.push(identifyMessage.decode(new Uint8Array(bytes), { maxSize: maxMessageSize }))
    } catch (cause) {
      throw new InvalidMessageError('not an identify message', { cause })
    }
  }
}

function reasonOf(error: unknown): unknown {
  if ((error as Error).name !== 'UnexpectedEOFError') return error
  return new InvalidMessageError('the peer sent no whole identify message', { cause: error })
}
