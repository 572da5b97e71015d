const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A label at random. */
export function randomLabel(length: number): string {
  let label = ''
  while (label.length < length) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1))
    // Those above would make the first letters more frequent.
    if (byte! < letters.length * 7) label += letters[byte! % letters.length]!
  }
  return label
}

/** 0 to 65535. */
export function randomId(): number {
  return crypto.getRandomValues(new Uint16Array(1))[0]!
}

/** From 0 to below 1. */
export function randomUnit(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32
}
