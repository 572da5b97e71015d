/**
 * Whoever waits for an end asks first whether it has come: between two steps of an operation a remote may leave, and an
 * event of the past is not repeated.
 */
import type { MessageStreamStatus, StreamCloseEvent } from '@libp2p/interface'

/** What has an end: streams and raw connections. */
export interface Ending {
  /** Where it is in its life. */
  readonly status: MessageStreamStatus
  /** Tells of its end. */
  addEventListener(type: 'close', listener: (event: StreamCloseEvent) => void, options?: AddEventListenerOptions): void
}

/** Whether a stream or raw connection was closed, aborted or reset. */
export function isOver({ status }: Pick<Ending, 'status'>): boolean {
  return status !== 'open' && status !== 'closing'
}

/** Calls `listener` once when the stream or connection is over, at once if it is already: with the error, where that is known. */
export function onceOver(stream: Ending, listener: (error?: Error) => void): void {
  if (isOver(stream)) listener()
  else stream.addEventListener('close', event => listener(event.error), { once: true })
}

/** Resolves when the stream or connection is over, however it ended. */
export function whenOver(stream: Ending): Promise<void> {
  return new Promise(resolve => onceOver(stream, () => resolve()))
}
