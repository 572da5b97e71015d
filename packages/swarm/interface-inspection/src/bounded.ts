/** Bounds on what is shown of remotes: their texts are hostile, and as long as they like. */

/** UTF-16 units of a text that a peer has sent: in JSON each takes six bytes at most. */
export const maxTextLength = 512

/** Bytes of JSON of one list: two lists, the tags and a few texts fit 64 KiB. */
export const maxListLength: number = 24 * 1024

/** A text, cut to `maxTextLength`. */
export function clipped(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength - 1)}…`
}

/** As many texts as there is room for; a last one says how many were left out. */
export function bounded(texts: readonly string[]): string[] {
  const kept = fitting(texts.map(clipped), maxListLength)
  return kept.length === texts.length ? kept : [...kept, `… ${texts.length - kept.length} more`]
}

/** The first of these values whose JSON is no longer than `length` bytes together. */
export function fitting<T>(values: readonly T[], length: number): T[] {
  let left = length
  const end = values.findIndex(value => {
    left -= encoder.encode(JSON.stringify(value)).byteLength + 1
    return left < 0
  })
  return values.slice(0, end === -1 ? values.length : end)
}

const encoder = new TextEncoder()
