import type { Socket } from 'node:net'

/**
 * Offers to `take` what a flowing socket reads, past the buffer of its stream: for each chunk, that buffer asks in a tick of its
 * own whether to read more, which a socket does anyway. What `take` refuses by returning false, and whatever comes while the
 * socket is paused or something is in the buffer, is the stream's, and comes by its `data` events, after what came before.
 */
export function readDirectly(socket: Socket, take: (chunk: Uint8Array) => boolean): void {
  const push = socket.push.bind(socket)
  socket.push = (chunk: Uint8Array | null) => {
    const isDirect = chunk !== null && socket.readableFlowing === true && socket.readableLength === 0
    return (isDirect && take(chunk)) || push(chunk)
  }
}
