/** Asks a running node by its control socket. */
import { connect } from 'node:net'
import { WeftError } from '@weft/errors'
import { CommandError } from '../errors.ts'
import { LineReader } from './core/line-reader.ts'
import { encodeLine, parseReply, type Request } from './core/protocol.ts'
import { checkSocketPath } from './socket-path.ts'

/**
 * Sends a request, and yields the items of the answer; what ends it is returned. Throws `CommandError` when no node
 * answers, the signal's reason, or what the node says went wrong, with its `name` and `code`.
 */
export async function* ask<Item = object, End = object>(
  file: string,
  request: Request,
  signal: AbortSignal
): AsyncGenerator<Item, End> {
  await checkSocketPath(file)
  const socket = connect({ path: file, signal })
  const lines = new LineReader()
  try {
    socket.write(encodeLine(request))
    for await (const chunk of socket as AsyncIterable<Uint8Array>) {
      lines.push(chunk)
      for (let line = lines.next(); line !== undefined; line = lines.next()) {
        const reply = parseReply(line)
        if ('end' in reply) return reply.end as End
        if ('error' in reply) throw new WeftError(reply.error.name, reply.error.code, reply.error.message)
        yield reply.item as Item
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    if ((error as NodeJS.ErrnoException).syscall !== 'connect') throw error
    const hint = 'start the node again, or choose another socket with --control'
    throw new CommandError(`no node answers at ${file}: ${hint}`, error)
  } finally {
    socket.destroy()
  }
  throw new CommandError(`the node at ${file} stopped before it had answered`)
}
