import { equals } from '@weft/bytes'
import { isPrivate, maxComponents, multiaddr, p2pOf, tryGetNetConfig, type Multiaddr } from '@weft/multiaddr'

export const name = 'multiaddr-bytes'

/** Any input is an address of the same bytes, whose text and components are it again, or InvalidMultiaddrError. */
export function fuzz(input: Uint8Array): void {
  let address: Multiaddr
  try {
    address = multiaddr(input)
  } catch (error) {
    if ((error as Error).name !== 'InvalidMultiaddrError') throw error
    return
  }
  if (!equals(address.bytes, input)) throw new Error('the bytes are other ones')
  const components = address.getComponents()
  if (components.length > maxComponents) throw new Error('too many components')
  const text = address.toString()
  const again = multiaddr(text)
  if (again.toString() !== text) throw new Error('the text is written as another')
  if (!again.equals(multiaddr(components))) throw new Error('text and components have other bytes')
  // An HTTP path is written with its first slash, and read without it too.
  if (!text.includes('/http-path/') && !again.equals(address)) throw new Error('the text has other bytes')
  isPrivate(address)
  tryGetNetConfig(address)
  p2pOf(address)
}
