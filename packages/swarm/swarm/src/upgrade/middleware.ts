import type { Connection, Stream, StreamMiddleware } from '@libp2p/interface'

/**
 * Runs middleware in order; each hands on the stream and connection that the next one, and in the end the handler, gets.
 * One that never calls `next` holds the stream; one that throws or rejects ends it.
 */
export async function runMiddleware(
  stream: Stream,
  connection: Connection,
  chain: readonly StreamMiddleware[]
): Promise<Stream> {
  let current = { stream, connection }
  for (const middleware of chain) {
    current = await new Promise((resolve, reject) => {
      const next = (stream: Stream, connection: Connection): void => resolve({ stream, connection })
      Promise.resolve(middleware(current.stream, current.connection, next)).catch(reject)
    })
  }
  return current.stream
}
