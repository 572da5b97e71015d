/** One buffer of several. `length` is their sum where the caller knows it. */
export function concat(chunks: readonly Uint8Array[], length?: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length ?? chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.byteLength
  }
  return out
}

/** Whether two hold the same bytes. Not constant-time: never for secrets. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && compare(a, b) === 0
}

/** Order by bytes, the shorter first where one begins the other: negative, 0 or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.byteLength, b.byteLength)
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!
  }
  return a.byteLength - b.byteLength
}
