/** Concatenates chunks. `length` is the total length if the caller knows it. */
export function concat(chunks: readonly Uint8Array[], length?: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length ?? chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.byteLength
  }
  return out
}

/** Whether two arrays are equal. Not constant-time: never use it for secrets. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && compare(a, b) === 0
}

/** Lexicographic order; a prefix comes first: negative, 0 or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.byteLength, b.byteLength)
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!
  }
  return a.byteLength - b.byteLength
}
