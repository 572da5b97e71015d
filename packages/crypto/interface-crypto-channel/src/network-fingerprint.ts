/** Under this symbol a connection protector has the fingerprint of its network, which does not reveal the key. */
export const networkFingerprintSymbol: unique symbol = Symbol.for('@weft/network-fingerprint') as never

/** The fingerprint of a connection protector's network, or undefined if it has none, as js-libp2p's. */
export function networkFingerprintOf(protector: object | undefined): Uint8Array | undefined {
  const fingerprint: unknown = protector === undefined ? undefined : Reflect.get(protector, networkFingerprintSymbol)
  return fingerprint instanceof Uint8Array ? fingerprint : undefined
}
