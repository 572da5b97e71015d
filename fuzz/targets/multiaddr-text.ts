import { multiaddr, type Multiaddr } from '@weft/multiaddr'

export const name = 'multiaddr-text'

const decoder = new TextDecoder()

/** Any text is an address, whose own text and bytes are it again, or InvalidMultiaddrError. */
export function fuzz(input: Uint8Array): void {
  const text = decoder.decode(input)
  let address: Multiaddr
  try {
    address = multiaddr(text)
  } catch (error) {
    if ((error as Error).name !== 'InvalidMultiaddrError') throw error
    return
  }
  const canonical = address.toString()
  if (!multiaddr(canonical).equals(address)) throw new Error('the text has other bytes')
  if (multiaddr(address.bytes).toString() !== canonical) throw new Error('the bytes have another text')
  if (!multiaddr(address.getComponents()).equals(address)) throw new Error('the components have other bytes')
  if (!address.encapsulate('/').decapsulate('/').equals(address)) throw new Error('nothing changes the address')
}
