import type { AbortOptions, Connection } from '@libp2p/interface'

/** Closes a connection, and breaks it off if that does not work. */
export async function closeOrAbort(connection: Connection, options: AbortOptions): Promise<void> {
  try {
    await connection.close(options)
  } catch (error) {
    connection.abort(error as Error)
  }
}
