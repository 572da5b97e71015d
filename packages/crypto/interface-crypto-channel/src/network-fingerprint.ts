/** Under this symbol a connection protector has the fingerprint of its network: bytes that do not tell its key. */
export const networkFingerprintSymbol: unique symbol = Symbol.for('@weft/network-fingerprint') as never

/** The fingerprint of a connection protector's network, undefined where it tells none: that of js-libp2p does not. */
export function networkFingerprintOf(protector: object | undefined): Uint8Array | undefined {
  const fingerprint: unknown = protector === undefined ? undefined : Reflect.get(protector, networkFingerprintSymbol)
  return fingerprint instanceof Uint8Array ? fingerprint : undefined
}
