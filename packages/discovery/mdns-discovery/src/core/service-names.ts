/** Names of services (RFC 6763), and the labels that weft's own sub-services have. */
import { base32 } from 'multiformats/bases/base32'
import { maxLabelLength } from './dns-message.ts'
import { labelsOf } from './dns-name.ts'

/** The service of today's peers (libp2p/specs, discovery/mdns). */
export const defaultServiceTag = '_p2p._udp.local'
/** That of 2015 to 2019. */
export const earlyServiceTag = 'ipfs.local'
/** Asks which services there are (RFC 6763, section 9). */
export const metaService = '_services._dns-sd._udp.local'

/** Bytes of a hash that name a sub-service: 80 bits, so that keys do not meet by chance, in a short packet. */
const labelBytes = 10

/** The label of a sub-service: base32 of the first 10 bytes of a hash. It does not tell the key to those who do not know it. */
export function subServiceLabel(hash: Uint8Array): string {
  return `_${base32.baseEncode(hash.subarray(0, labelBytes))}`
}

/** The whole name of a sub-service (RFC 6763, section 7.1). */
export function subServiceName(label: string, service: string): string {
  return `${label}._sub.${service}`
}

/** The service of a private network: the fingerprint is a part of the label, which has at most 15 characters behind `_`. */
export function privateServiceTag(fingerprint: Uint8Array): string {
  return `_p2p-${base32.baseEncode(fingerprint).slice(0, 10)}._udp.local`
}

/** Whether a text can be a service: labels that can be written, so that a peer's name fits before them. */
export function isServiceTag(text: string): boolean {
  try {
    const labels = labelsOf(text)
    const length = labels.reduce((sum, label) => sum + label.byteLength + 1, 0)
    return labels.length > 0 && length <= 255 - 2 * maxLabelLength
  } catch {
    return false
  }
}
