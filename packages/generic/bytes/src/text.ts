import { TextError } from './errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// A call with this many arguments does not overflow the stack of any browser.
const maxArguments = 4096
const hexDigits = '0123456789abcdef'

/** Encodes text as UTF-8. */
export function fromUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** Decodes UTF-8. Throws `TextError` for invalid bytes. */
export function toUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new TextError('bytes are not valid UTF-8')
  }
}

/** One character of 0 to 255 per byte: Latin-1, the binary string that `btoa` takes. */
export function toLatin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.byteLength; at += maxArguments) {
    const part: ArrayLike<number> = bytes.subarray(at, at + maxArguments)
    text += String.fromCharCode.apply(null, part as number[])
  }
  return text
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte >> 4]! + hexDigits[byte & 15]!
  return text
}

/** Decodes hex of either case. Throws `TextError`. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new TextError('text is not hex')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}
