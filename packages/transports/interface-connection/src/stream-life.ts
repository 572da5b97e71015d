import { StreamStateError } from '@weft/errors'

/** A stream as a whole: what it is besides its two sides. */
export type StreamLife =
  | { readonly kind: 'open' | 'closed'; readonly error?: undefined }
  | { readonly kind: 'aborted' | 'reset'; readonly error: Error }

// Shared by all streams, as they hold nothing.
export const openLife: StreamLife = { kind: 'open' }
export const closedLife: StreamLife = { kind: 'closed' }

/** What waits for a stream that was closed without an error gets this. */
export function closedError(local?: boolean): StreamStateError {
  return new StreamStateError('the stream was closed', { facts: { local } })
}
