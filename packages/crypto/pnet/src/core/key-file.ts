/** The file that every node of a private network has (specification "Pre-shared Key Based Private Networks", "Interface"). */
import { fromHex, fromUtf8, toHex, toLatin1, toUtf8 } from '@weft/bytes'
import { PnetError } from '../errors.ts'

/** Bytes of a key. */
export const keyLength = 32
/** Bytes in a key file that `encodeKeyFile` writes, as js-libp2p's. */
export const keyFileLength = 95

// Room for comments after the key.
const maxFileLength = 4096
const newline = 0x0a
const carriageReturn = 0x0d

const codec = '/key/swarm/psk/1.0.0/'

const decoders: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
  '/base16/': body => fromHex(firstLine(body)),
  '/base64/': body => fromBase64(firstLine(body)),
  // A key may hold the byte of a line end, so it is what the length says; behind it a line ends.
  '/bin/': body => (isLineEnd(body[keyLength]) ? body.subarray(0, keyLength) : body)
}

/** A key file in base 16, without a line end behind it. */
export function encodeKeyFile(key: Uint8Array): Uint8Array<ArrayBuffer> {
  return fromUtf8(`${codec}\n/base16/\n${toHex(key)}`)
}

/**
 * The 32 bytes of the key in a file: two lines that name format and encoding (`/base16/`, `/base64/` or `/bin/`), then the
 * key in a line of its own. Spaces behind the key count for nothing, nor do further lines: comments, or blank ones. Lines
 * end with LF or CRLF. Throws `PnetError`.
 */
export function decodeKeyFile(file: Uint8Array): Uint8Array {
  if (file.byteLength > maxFileLength)
    throw invalid(`it has ${file.byteLength} bytes, at most ${maxFileLength} are read`)
  const [format, afterFormat] = cutLine(file)
  if (format !== codec) throw invalid(`its first line is not ${codec}`)
  const [encoding, body] = cutLine(afterFormat)
  const decode = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  if (decode === undefined) throw invalid(`its second line is none of ${Object.keys(decoders).join(', ')}`)
  const key = decoded(decode, body)
  if (key?.byteLength === keyLength) return key
  throw invalid(`its third line is no key of ${keyLength} bytes`)
}

function decoded(decode: (body: Uint8Array) => Uint8Array, body: Uint8Array): Uint8Array | undefined {
  try {
    return decode(body)
  } catch {
    // Details are omitted: the cause may contain the key.
    return undefined
  }
}

function cutLine(bytes: Uint8Array): [line: string, rest: Uint8Array] {
  const end = bytes.indexOf(newline)
  if (end < 0) return ['', bytes]
  const line = bytes.subarray(0, bytes[end - 1] === carriageReturn ? end - 1 : end)
  // As Latin-1: what is no ASCII is no line of a key file either.
  return [toLatin1(line), bytes.subarray(end + 1)]
}

/** The text of the line in which the key stands, without spaces behind it. */
function firstLine(bytes: Uint8Array): string {
  const end = bytes.indexOf(newline)
  return toUtf8(end < 0 ? bytes : bytes.subarray(0, end)).trimEnd()
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === newline || byte === carriageReturn
}

/** Standard alphabet, with padding. */
function fromBase64(text: string): Uint8Array {
  const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0))
  // `atob` takes spaces, missing padding and stray bits.
  if (btoa(toLatin1(bytes)) !== text) throw new TypeError('no base 64')
  return bytes
}

function invalid(why: string): PnetError {
  return new PnetError('ERR_PNET_KEY_FILE', `no key file: ${why}`)
}
