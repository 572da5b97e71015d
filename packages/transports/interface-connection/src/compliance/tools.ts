import type { MessageStream, StreamCloseEvent } from '@libp2p/interface'

/** All bytes that a stream gives until it ends. */
export async function collect(stream: MessageStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const list of stream) {
    const chunk = list.subarray()
    chunks.push(chunk)
    length += chunk.byteLength
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.byteLength
  }
  return all
}

/** The stream's close event. */
export function ended(stream: MessageStream): Promise<StreamCloseEvent> {
  return new Promise(resolve => stream.addEventListener('close', resolve, { once: true }))
}

/** A turn of the event loop: what was on its way has arrived. */
export function settled(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 5))
}

/** Lets the event loop turn until a condition holds. One that never does runs into the limit of its test. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settled()
}
