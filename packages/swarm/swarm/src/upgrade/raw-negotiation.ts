/** How a raw connection is secured and multiplexed: multistream-select before there are streams. */
import type { MessageStream, MessageStreamDirection } from '@libp2p/interface'
import { type BytePipe, openPipe } from '@weft/interface-connection'
import { handle, OptimisticSelection, select } from '@weft/multistream'

/** What was agreed on over a raw connection. */
export interface RawAgreement {
  protocol: string
  /** The remote dialed and said nothing for a second: it is of those that wait until the listener has spoken. */
  remoteWaits: boolean
}

// A dialer that has something to say says it at once, and nearly every link carries it in less than that. It is well
// below the 3 s after which admission ends a handshake that brings nothing.
const greetAfter = 1_000

/**
 * Agrees on how to secure a raw connection. A dialer with one choice does not wait for the answer, which the handshake
 * that follows cannot do without; `onAgreed` is called when it is there. A listener that hears nothing for a second speaks
 * first.
 */
export async function negotiateChannel(
  stream: MessageStream,
  protocols: string[],
  direction: MessageStreamDirection,
  signal: AbortSignal,
  onAgreed: () => void = () => {}
): Promise<RawAgreement> {
  const pipe = openPipe(stream)
  const [only] = protocols
  if (direction === 'outbound' && protocols.length === 1 && only !== undefined && pipe.propose !== undefined) {
    const selection = new OptimisticSelection(only)
    pipe.propose(selection.prefix, chunk => {
      const step = selection.receive(chunk)
      if (step.done) onAgreed()
      return step
    })
    return { protocol: only, remoteWaits: false }
  }
  const agreement = await agree(pipe, protocols, direction, signal)
  onAgreed()
  return agreement
}

/**
 * Agrees on how to multiplex a secured connection. Nothing follows that would notice a refusal, so the answer is waited for:
 * a connection is no success before it is there.
 */
export async function negotiateMuxer(
  stream: MessageStream,
  protocols: string[],
  direction: MessageStreamDirection,
  signal: AbortSignal
): Promise<string> {
  return (await agree(openPipe(stream), protocols, direction, signal)).protocol
}

async function agree(
  pipe: BytePipe,
  protocols: string[],
  direction: MessageStreamDirection,
  signal: AbortSignal
): Promise<RawAgreement> {
  let remoteWaits = false
  const onGreet = (): void => {
    remoteWaits = true
  }
  // The handshake's answer leaves together with this one.
  const protocol =
    direction === 'inbound'
      ? await handle(holding(pipe), protocols, { signal, greetAfter, onGreet })
      : await select(pipe, protocols, { signal })
  return { protocol, remoteWaits }
}

/** The same pipe, whose writes are held. Not until a muxer writes: libp2p 0.15 loses a SPDY frame that comes with its answer. */
function holding(pipe: BytePipe): Pick<BytePipe, 'attach' | 'detach' | 'writev'> {
  if (pipe.hold === undefined) return pipe
  return {
    attach: sink => pipe.attach(sink),
    detach: unread => pipe.detach(unread),
    writev: chunks => {
      pipe.hold?.(chunks)
      return true
    }
  }
}
