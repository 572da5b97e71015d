// A quarter of the payload: V8's young space of 16 MiB is then full, other objects included, before 64 MiB of payload are.
const payload = 64 * 1024
const slots = 2048

/** Payload for which no heap was used up yet, and what was last: a variable that is never read would be optimized away. */
const account = { owed: 0, last: [] as unknown[] }

/**
 * Tells that `bytes` of payload were given to a reader, so that the garbage collector comes for them in time. V8 collects
 * the young objects, which is cheap and frees what was read at once, when their space in the heap is full; and all objects,
 * however many the application has, for each 64 MiB of buffers, which lie outside of the heap. Payload is buffers with few
 * objects, and would set off the latter each time: some heap is used up along with it.
 */
export function collectYoung(bytes: number): void {
  account.owed += bytes
  for (; account.owed >= payload; account.owed -= payload) account.last = new Array(slots)
}
