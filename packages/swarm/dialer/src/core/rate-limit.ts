/**
 * Tokens of attempts: first the peer's, then the class's. Who holds the first and lacks the second waits for that alone,
 * so a waiter is in one queue at a time; the specification's text would start it on the first token it is handed.
 */
import type { Attempt } from './dial.ts'
import type { SchedulerLimits } from './limits.ts'
import type { DialAddress, TokenClass, WaitingFor } from './model.ts'
import { TokenPool } from './token-pool.ts'

export type ClassPools<A extends DialAddress> = ReadonlyMap<TokenClass, TokenPool<Attempt<A>>>

export function classPools<A extends DialAddress>({ classTokens }: SchedulerLimits): ClassPools<A> {
  const { fd, webrtc, webtransport, relay } = classTokens
  return new Map<TokenClass, TokenPool<Attempt<A>>>([
    ['fd', new TokenPool(fd)],
    ['webrtc', new TokenPool(webrtc)],
    ['webtransport', new TokenPool(webtransport)],
    ['relay', new TokenPool(relay)]
  ])
}

/** Takes the tokens that are free, in order, and tells whether the attempt has all it needs. */
export function rateLimitCanDial<A extends DialAddress>(pools: ClassPools<A>, attempt: Attempt<A>): boolean {
  attempt.holdsPeerToken ||= attempt.dial.peer.tokens.take()
  if (!attempt.holdsPeerToken) return false
  const pool = pools.get(attempt.address.tokenClass)
  if (pool === undefined) return true
  attempt.holdsClassToken ||= pool.take()
  return attempt.holdsClassToken
}

/** Lets an attempt wait for the token that it lacks. */
export function rateLimitScheduleDial<A extends DialAddress>(
  pools: ClassPools<A>,
  attempt: Attempt<A>,
  now: number
): void {
  const lacking: WaitingFor = attempt.holdsPeerToken ? 'class-token' : 'peer-token'
  const pool = attempt.holdsPeerToken ? pools.get(attempt.address.tokenClass) : attempt.dial.peer.tokens
  attempt.place = pool?.wait(attempt)
  attempt.become({ kind: 'waiting', for: lacking, since: now }, now)
}

/**
 * Gives back what an attempt holds, and its place in a queue. Each token goes to the attempt that waits longest for it,
 * or else to its pool. Returns the attempts that now have all they need: they are to be started.
 */
export function rateLimitReleaseTokens<A extends DialAddress>(
  pools: ClassPools<A>,
  attempt: Attempt<A>,
  now: number
): Attempt<A>[] {
  const classPool = pools.get(attempt.address.tokenClass)
  const { tokens } = attempt.dial.peer
  if (attempt.place !== undefined) {
    const pool = attempt.holdsPeerToken ? classPool : tokens
    pool?.cancel(attempt.place)
    attempt.place = undefined
  }
  const ready: Attempt<A>[] = []
  if (attempt.holdsPeerToken) {
    attempt.holdsPeerToken = false
    const next = dialWaitingForToken(tokens)
    if (next !== undefined) {
      next.holdsPeerToken = true
      if (rateLimitCanDial(pools, next)) ready.push(next)
      else rateLimitScheduleDial(pools, next, now)
    }
  }
  if (attempt.holdsClassToken && classPool !== undefined) {
    attempt.holdsClassToken = false
    const next = dialWaitingForToken(classPool)
    if (next !== undefined) {
      next.holdsClassToken = true
      ready.push(next)
    }
  }
  return ready
}

/** Hands a released token to the attempt that waits longest for it; without one it is back in its pool. */
function dialWaitingForToken<A extends DialAddress>(pool: TokenPool<Attempt<A>>): Attempt<A> | undefined {
  const next = pool.release()
  if (next !== undefined) next.place = undefined
  return next
}
