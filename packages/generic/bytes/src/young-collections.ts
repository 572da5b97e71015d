import { keepFreedMemory } from './freed-memory.ts'

// A quarter of the payload: V8's young space of 16 MiB is then full, other objects included, before 64 MiB of payload are.
const payload = 64 * 1024
const slots = 2048
// A node that only greets its peers reads less than this for a long time, and has nothing to gain.
const bulk = 16 * 1024 * 1024

/**
 * Payload for which no heap was used up yet, all of it until it is bulk, and what was last used up: a variable that is
 * never read would be optimized away.
 */
const account = { owed: 0, untilBulk: bulk, last: undefined as unknown }

/**
 * Tells that `bytes` of payload were given to a reader, so that the garbage collector comes for them in time. V8 collects
 * the young objects, which is cheap and frees what was read at once, when their space in the heap is full; and all objects,
 * however many the application has, for each 64 MiB of buffers, which lie outside of the heap. Payload is buffers with few
 * objects, and would set off the latter each time: some heap is used up along with it. What was freed then stays with the
 * process for the next payload, see `keepFreedMemory`.
 */
export function collectYoung(bytes: number): void {
  account.owed += bytes
  for (; account.owed >= payload; account.owed -= payload) {
    account.untilBulk -= payload
    account.last = account.untilBulk === 0 ? keepFreedMemory() : new Array(slots)
  }
}
