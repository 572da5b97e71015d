import { describeValue, InvalidParametersError } from '@weft/errors'

// multistream-select: a line has at most 1024 bytes with its "\n".
const maxLength = 1023

/** Throws `InvalidParametersError` for what cannot be the name of a protocol, or for a handler that is no function. */
export function checkProtocol(protocol: unknown, handler?: { readonly given: unknown }): void {
  if (typeof protocol !== 'string') refuse('protocol', `must be a text, not ${describeValue(protocol, false)}`)
  if (protocol === '') refuse('protocol', 'must have a name: it is empty')
  if (protocol.includes('\n')) refuse('protocol', 'must be one line')
  if (isLonger(protocol, maxLength)) {
    refuse('protocol', `must have at most ${maxLength} bytes`)
  }
  if (handler !== undefined && typeof handler.given !== 'function') {
    refuse('handler', `of ${protocol} must be a function, not ${describeValue(handler.given, false)}`)
  }
}

/** Whether a text has more bytes; only long ones are encoded to know. */
function isLonger(text: string, most: number): boolean {
  // A character is one to three bytes long.
  if (text.length * 3 <= most) return false
  return text.length > most || new TextEncoder().encode(text).byteLength > most
}

function refuse(option: string, why: string): never {
  throw new InvalidParametersError(`${option} ${why}`, { facts: { option } })
}
