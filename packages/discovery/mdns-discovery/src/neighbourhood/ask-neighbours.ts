import type { AbortOptions } from '@libp2p/interface'
import { abortReason, AbortError, throwIfAborted } from '@weft/errors'
import type { PresentPeer } from '../core/peer-table.ts'
import type { Neighbourhood } from '../neighbours.ts'

/** How long neighbours are looked for. */
export interface AskNeighboursOptions extends AbortOptions {
  /** Milliseconds in which they may answer to the name. */
  timeout: number
}

/** Neighbours that are asked for one name: who makes up more is not listened to. */
const maxNeighbours = 32

/**
 * Looks for the neighbours that answer to a sub-service and asks each, all at once; gives what they answer as it comes. One
 * that fails, or answers `undefined`, is left out. Ends when the time is over and all have answered; leaving the loop ends
 * what is under way. Throws the signal's reason.
 */
export async function* askNeighbours<T>(
  neighbours: Neighbourhood,
  label: string,
  { timeout, signal }: AskNeighboursOptions,
  ask: (peer: PresentPeer, signal: AbortSignal) => Promise<T | undefined>
): AsyncGenerator<T> {
  throwIfAborted(signal)
  const controller = new AbortController()
  const results: T[] = []
  let asking = 0
  let asked = 0
  let isOver = false
  let wake = (): void => {}
  const abort = (): void => controller.abort(abortReason(signal!))
  signal?.addEventListener('abort', abort)
  controller.signal.addEventListener('abort', () => wake())
  const begin = async (peer: PresentPeer): Promise<void> => {
    if (asked >= maxNeighbours) return
    asked++
    asking++
    try {
      const result = await ask(peer, controller.signal)
      if (result !== undefined) results.push(result)
    } catch {
      // Whoever asks has told it.
    } finally {
      asking--
      wake()
    }
  }
  const end = neighbours.lookup(label, peer => void begin(peer))
  const timer = setTimeout(() => {
    isOver = true
    wake()
  }, timeout)
  if (end === undefined) isOver = true
  try {
    for (;;) {
      if (controller.signal.aborted) throw abortReason(controller.signal)
      if (results.length > 0) yield results.shift()!
      else if (isOver && asking === 0) return
      else await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    clearTimeout(timer)
    end?.()
    signal?.removeEventListener('abort', abort)
    controller.abort(new AbortError('nobody asks any more'))
  }
}
