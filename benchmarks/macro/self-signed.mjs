// A certificate for node:tls, made afresh by each server: X.509 v1, P-256, DER (RFC 5280, section 4.1).
import { generateKeyPairSync, sign } from 'node:crypto'

const OID_COMMON_NAME = '550403'
const OID_ECDSA_SHA256 = '2a8648ce3d040302'

export function selfSigned() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(der(0x06, Buffer.from(OID_ECDSA_SHA256, 'hex')))
  const name = sequence(
    der(0x31, sequence(der(0x06, Buffer.from(OID_COMMON_NAME, 'hex')), der(0x0c, Buffer.from('bench'))))
  )
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const signed = sequence(der(0x02, Buffer.of(1)), algorithm, name, validity, name, key)
  const signature = der(0x03, Buffer.of(0), sign('sha256', signed, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: pem(sequence(signed, algorithm, signature))
  }
}

const sequence = (...parts) => der(0x30, ...parts)

function der(tag, ...parts) {
  const body = Buffer.concat(parts)
  const { length } = body
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.of(tag, ...header), body])
}

function pem(bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g)
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
