/** Asks peers. One stream to each of them is kept and used again: a request then costs no negotiation. */
import type { Stream } from '@libp2p/interface'
import { UnexpectedEOFError } from '@weft/interface-protocol'
import { endStream, openStream, StreamMessages, Turns, withDeadline } from '@weft/interface-protocol'
import { encapsulatePeer } from '@weft/multiaddr'
import type { KadComponents } from './components.ts'
import type { Contact } from './contact.ts'
import { maxMessageLength } from './core/limits.ts'
import { type KadMessage, kadMessage, messageNames } from './core/message.ts'
import { UnexpectedAnswerError } from './errors.ts'
import type { Settings } from './options.ts'

/** Milliseconds that a stream is kept without a request: shorter than others let one be silent. */
const maxIdle = 10_000
/** Streams that are kept without a request. */
const maxIdleStreams = 128

interface Session {
  readonly stream: Stream
  readonly messages: StreamMessages
  idleSince: number
}

export class KadClient {
  private readonly _components: KadComponents
  private readonly _settings: Settings
  private readonly _turns = new Turns<string>()
  /** The one that was used longest ago is the first. */
  private readonly _idle = new Map<string, Session>()
  private _timer: ReturnType<typeof setTimeout> | undefined

  constructor(components: KadComponents, settings: Settings) {
    this._components = components
    this._settings = settings
  }

  /** The answer of a peer. Rejects with `TimeoutError`, the signal's reason, or why the peer was not reached or did not answer. */
  request(contact: Contact, message: KadMessage, signal?: AbortSignal): Promise<KadMessage> {
    return this._use(contact, signal, async session => {
      await session.messages.writeAs(kadMessage, message)
      const answer = await session.messages.readAs(kadMessage)
      if (answer === undefined) throw new UnexpectedEOFError(0)
      if (answer.type === message.type) return answer
      throw new UnexpectedAnswerError(`${messageNames[message.type]} was answered by ${messageNames[answer.type]}`)
    })
  }

  /** Tells a peer what has no answer. Resolves when it was sent. Rejects as `request`. */
  tell(contact: Contact, messages: readonly KadMessage[], signal?: AbortSignal): Promise<void> {
    return this._use(contact, signal, async session => {
      for (const message of messages) await session.messages.writeAs(kadMessage, message)
    })
  }

  /** Ends the streams that are kept. */
  stop(): void {
    clearTimeout(this._timer)
    this._timer = undefined
    for (const { stream } of this._idle.values()) void endStream(stream)
    this._idle.clear()
  }

  private _use<T>(
    contact: Contact,
    signal: AbortSignal | undefined,
    work: (session: Session) => Promise<T>
  ): Promise<T> {
    const options = { timeout: this._settings.requestTimeout, operation: 'a request', ...(signal && { signal }) }
    return withDeadline(options, async deadline => {
      // Answers come in the order of the requests, so the next request waits for its stream.
      const release = await this._turns.take(contact.id, { signal: deadline })
      try {
        const kept = this._take(contact.id)
        if (kept !== undefined) {
          try {
            return await this._exchange(contact, kept, deadline, work)
          } catch (error) {
            // The peer has ended a stream that was silent for long: that says nothing of the request.
            if (deadline.aborted || isFinal(error)) throw error
          }
        }
        return await this._exchange(contact, await this._open(contact, deadline), deadline, work)
      } finally {
        release()
      }
    })
  }

  private async _exchange<T>(
    { id }: Contact,
    session: Session,
    signal: AbortSignal,
    work: (session: Session) => Promise<T>
  ): Promise<T> {
    const abort = (): void => session.stream.abort(signal.reason as Error)
    signal.addEventListener('abort', abort)
    try {
      const result = await work(session)
      if (!signal.aborted) this._keep(id, session)
      return result
    } catch (error) {
      session.stream.abort(error as Error)
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  private async _open(contact: Contact, signal: AbortSignal): Promise<Session> {
    const { connectionManager } = this._components
    const isKnown = contact.multiaddrs.length === 0 || connectionManager.getConnections(contact.peerId).length > 0
    const target = isKnown ? contact.peerId : contact.multiaddrs.map(address => encapsulatePeer(address, contact.bytes))
    const stream = await openStream({ connectionManager }, target, this._settings, { signal })
    if (signal.aborted) stream.abort(signal.reason as Error)
    return { stream, messages: new StreamMessages(stream, { maxMessageSize: maxMessageLength }), idleSince: 0 }
  }

  private _take(id: string): Session | undefined {
    const session = this._idle.get(id)
    if (session === undefined) return undefined
    this._idle.delete(id)
    return session.stream.status === 'open' ? session : undefined
  }

  private _keep(id: string, session: Session): void {
    if (session.stream.status !== 'open') return
    session.idleSince = performance.now()
    this._idle.set(id, session)
    if (this._idle.size > maxIdleStreams) {
      const [oldest, { stream }] = this._idle.entries().next().value!
      this._idle.delete(oldest)
      void endStream(stream)
    }
    this._timer ??= setTimeout(this._sweep, maxIdle)
  }

  private readonly _sweep = (): void => {
    this._timer = undefined
    const now = performance.now()
    for (const [id, { stream, idleSince }] of this._idle) {
      if (now - idleSince < maxIdle) {
        this._timer = setTimeout(this._sweep, Math.ceil(idleSince + maxIdle - now))
        return
      }
      this._idle.delete(id)
      void endStream(stream)
    }
  }
}

/** Whether an answer came, and was wrong: another stream would bring the same. */
function isFinal(error: unknown): boolean {
  return ['UnexpectedAnswerError', 'InvalidMessageError'].includes((error as Error).name)
}
