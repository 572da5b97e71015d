import { LengthPrefixedReader, concat, encodeLengthPrefixed, equals } from '@weft/bytes'

/** Messages behind their length: the same messages however the bytes are cut, and never more kept than announced. */
export const name = 'bytes-length-prefixed'

const maximum = 300

/** The first byte says how the rest is cut into chunks. */
export function fuzz(input: Uint8Array): void {
  const bytes = input.subarray(1)
  const whole = read([bytes])
  const step = 1 + ((input[0] ?? 0) % 16)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; at += step) chunks.push(bytes.subarray(at, at + step))
  const pieces = read(chunks)

  if (whole.error !== pieces.error) throw new Error(`${whole.error} in one chunk, ${pieces.error} in several`)
  if (whole.messages.length !== pieces.messages.length) throw new Error('the cuts change the number of messages')
  for (const [i, message] of whole.messages.entries()) {
    if (!equals(message, pieces.messages[i]!)) throw new Error('the cuts change a message')
    if (message.byteLength > maximum) throw new Error('a message is longer than the maximum')
  }
  const again = concat(whole.messages.map(encodeLengthPrefixed))
  if (!equals(again, bytes.subarray(0, again.byteLength))) throw new Error('messages do not encode to what they were')
}

function read(chunks: Uint8Array[]): { messages: Uint8Array[]; error: string | undefined } {
  const reader = new LengthPrefixedReader(maximum)
  const messages: Uint8Array[] = []
  try {
    for (const chunk of chunks) {
      reader.push(chunk)
      for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message)
      if (reader.byteLength > maximum + 9) throw new Error('the reader keeps more than one message')
    }
    return { messages, error: undefined }
  } catch (error) {
    const { name } = error as Error
    if (name !== 'LengthError' && name !== 'VarintError') throw error
    return { messages, error: name }
  }
}
