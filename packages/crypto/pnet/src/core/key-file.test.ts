import { concat, fromHex, fromUtf8, toHex, toUtf8 } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeKeyFile, encodeKeyFile, keyFileLength, keyLength } from './key-file.ts'

const hex = 'dffb7e3135399a8b1612b2aaca1c36a3a8ac2cd0cca51ceeb2ced87d308cac6d'
const key = fromHex(hex)
const base64 = '3/t+MTU5mosWErKqyhw2o6isLNDMpRzuss7YfTCMrG0='

function file(encoding: string, body: string | Uint8Array, lineEnd = '\n'): Uint8Array {
  const head = fromUtf8(`/key/swarm/psk/1.0.0/${lineEnd}${encoding}${lineEnd}`)
  return concat([head, typeof body === 'string' ? fromUtf8(body) : body])
}

describe('key file', () => {
  it('is written as the specification says', () => {
    const bytes = encodeKeyFile(key)
    expect(bytes.byteLength).toBe(keyFileLength)
    expect(toHex(bytes)).toBe(
      '2f6b65792f737761726d2f70736b2f312e302e302f0a' + // "/key/swarm/psk/1.0.0/", newline
        '2f6261736531362f0a' + // "/base16/", newline
        toHex(fromUtf8(hex))
    )
  })

  it.each<[string, Uint8Array]>([
    ['base 16', file('/base16/', hex)],
    ['base 16 in capitals', file('/base16/', hex.toUpperCase())],
    ['base 16 and a line end', file('/base16/', `${hex}\n`)],
    ['base 16 in lines as on Windows', file('/base16/', `${hex}\r\n`, '\r\n')],
    ['base 64', file('/base64/', base64)],
    ['base 64 and a line end', file('/base64/', `${base64}\n`)],
    ['bytes', file('/bin/', key)],
    ['bytes and a line end', file('/bin/', concat([key, fromUtf8('\r\n')]))],
    ['bytes and a comment', file('/bin/', concat([key, fromUtf8('\n# office\n')]))],
    ['base 16 and blank lines', file('/base16/', `${hex}\n\n\n`)],
    ['base 16 and spaces', file('/base16/', `${hex} \t\r\n`)],
    ['base 16 and comments', file('/base16/', `${hex}\n\n# ${'office '.repeat(100)}\n`)],
    ['base 64, spaces and a comment', file('/base64/', `${base64}  \n# office`)]
  ])('reads %s', (_how, bytes) => {
    expect(toHex(decodeKeyFile(bytes))).toBe(hex)
  })

  it('reads bytes that end as a line does', () => {
    const ending = key.slice().fill(0x0a, 30)
    expect(decodeKeyFile(file('/bin/', ending))).toEqual(ending)
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['another format', fromUtf8(`/key/swarm/psk/2.0.0/\n/base16/\n${hex}`)],
    ['no encoding', fromUtf8('/key/swarm/psk/1.0.0/')],
    ['an encoding that there is not', file('/base58/', hex)],
    ['an encoding that every object has', file('constructor', hex)],
    ['31 bytes', file('/base16/', hex.slice(2))],
    ['33 bytes', file('/base16/', `${hex}00`)],
    ['half a byte more', file('/base16/', `${hex}0`)],
    ['no hex', file('/base16/', hex.replace('d', 'g'))],
    ['no UTF-8', file('/base16/', new Uint8Array(64).fill(0xff))],
    ['base 64 without padding', file('/base64/', base64.slice(0, -1))],
    ['base 64 with bits too many', file('/base64/', base64.replace('G0=', 'G1='))],
    ['base 64 for addresses of web pages', file('/base64/', base64.replace('/', '_'))],
    ['base 64 with spaces', file('/base64/', ` ${base64}`)],
    ['31 bytes as they are', file('/bin/', key.subarray(1))],
    ['33 bytes as they are', file('/bin/', concat([key, key.subarray(0, 1)]))],
    ['a key in two lines', file('/base16/', `${hex.slice(0, 32)}\n${hex.slice(32)}`)],
    ['spaces before the key', file('/base16/', ` ${hex}`)],
    ['a blank line before the key', file('/base16/', `\n${hex}`)],
    ['4,097 bytes', file('/base16/', hex + '\n'.repeat(4097 - keyFileLength))]
  ])('refuses %s, and does not tell the key', (_what, bytes) => {
    const refused = expect.objectContaining({ name: 'PnetError', code: 'ERR_PNET_KEY_FILE' })
    expect(() => decodeKeyFile(bytes)).toThrow(refused)
    const error = caught(() => decodeKeyFile(bytes))
    expect(error.cause).toBeUndefined()
    expect(error.message).not.toContain(hex.slice(2, 10))
    expect(error.message).not.toContain(base64.slice(2, 10))
  })

  it('reads what it wrote, and any bytes or refuses them', () => {
    const keys = fc.uint8Array({ minLength: keyLength, maxLength: keyLength })
    fc.assert(
      fc.property(keys, any => {
        expect(toHex(decodeKeyFile(encodeKeyFile(any)))).toBe(toHex(any))
      })
    )
    const bodies = fc.tuple(fc.constantFrom('/bin/', '/base16/', '/base64/', ''), fc.uint8Array({ maxLength: 70 }))
    const arbitrary = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      bodies.map(([encoding, body]) => file(encoding, body))
    )
    fc.assert(
      fc.property(arbitrary, bytes => {
        try {
          expect(decodeKeyFile(bytes).byteLength).toBe(keyLength)
        } catch (error) {
          expect(error).toMatchObject({ name: 'PnetError', code: 'ERR_PNET_KEY_FILE' })
        }
      })
    )
  })

  it('is text', () => {
    expect(toUtf8(encodeKeyFile(key)).split('\n')).toEqual(['/key/swarm/psk/1.0.0/', '/base16/', hex])
  })
})

function caught(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not throw')
}
