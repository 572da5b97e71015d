import { InvalidParametersError } from '@weft/errors'
import { encodeKeyFile, keyFileLength, keyLength } from './core/key-file.ts'

/** What a key file can be written to, such as `process.stdout`. */
export interface KeyWriter {
  /** Is called once, with the whole file. */
  write(file: Uint8Array): unknown
}

/**
 * Makes a key, and writes its file, 95 bytes of text, to the first bytes of an array or to a stream. Throws
 * `InvalidParametersError` if the array is shorter.
 */
export function generateKey(target: Uint8Array | KeyWriter): void {
  const file = encodeKeyFile(crypto.getRandomValues(new Uint8Array(keyLength)))
  if (!(target instanceof Uint8Array)) {
    target.write(file)
    return
  }
  if (target.byteLength < keyFileLength) {
    throw new InvalidParametersError(`a key file has ${keyFileLength} bytes, the array ${target.byteLength}`)
  }
  target.set(file)
}
