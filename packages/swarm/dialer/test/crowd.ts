/** Dials to very many peers at once, on virtual time, by the scheduler and by two simpler strategies. */
import { seededRandom } from '@weft/testkit'
import type { SchedulerLimits } from '../src/core/limits.ts'
import type { DialAddress } from '../src/core/model.ts'
import { addressOf, type Behaviour, DialWorld } from './dial-world.ts'

const addressesPerPeer = 20
const roundTrip = 50
const slow = 2000
// Together with the dead ones of every fiftieth peer, 30 % of all.
const deadShare = 0.28 / 0.98
const slowShare = 0.1

/**
 * `scheduler`: all peers at once under the default limits of sockets and attempts; `serial`: one address after the other,
 * each to its end; `unlimited`: all addresses of all peers at once.
 */
export type Strategy = 'scheduler' | 'serial' | 'unlimited'

/**
 * Peers with their addresses, of which 30 % are dead, half of those silent, and 10 % slow. Of every fiftieth peer all are
 * dead.
 */
export interface Crowd {
  readonly peers: ReadonlyArray<readonly DialAddress[]>
  readonly behaviours: ReadonlyMap<string, Behaviour>
  /** Peers that have an address which connects. */
  readonly reachable: ReadonlySet<number>
}

export interface CrowdResult {
  /** Peers whose dial ended as it had to: with a connection, or without one if none of their addresses connects. */
  readonly right: number
  readonly connected: number
  /** When the last dial ended, ms. */
  readonly time: number
  /** Most attempts at once. */
  readonly peak: number
  /** Sum over all attempts of the ms that they took. */
  readonly tokenTime: number
  readonly attempts: number
}

export function makeCrowd(size: number, seed: number = 7): Crowd {
  const random = seededRandom(seed)
  const behaviours = new Map<string, Behaviour>()
  const reachable = new Set<number>()
  const peers = Array.from({ length: size }, (_, peer) =>
    Array.from({ length: addressesPerPeer }, (_unused, rank) => {
      // Public ones of one kind: those of a peer are dialed in their order.
      const text = `/ip4/8.8.${peer >> 8}.${peer & 0xff}/tcp/${rank}`
      const draw = random.next()
      const behaviour = behaviourOf(peer % 50 === 0 ? draw * deadShare : draw)
      behaviours.set(text, behaviour)
      if (behaviour.kind === 'connect') reachable.add(peer)
      return addressOf(text)
    })
  )
  return { peers, behaviours, reachable }
}

export function dialCrowd(crowd: Crowd, strategy: Strategy): CrowdResult {
  const everyone = [...crowd.peers.keys()]
  if (strategy !== 'unlimited') return dialTogether(crowd, everyone, limitsOf[strategy])
  // Peers do not touch one another: all begin at 0, with all their addresses.
  const results = everyone.map(peer => dialTogether(crowd, [peer], limitsOf.unlimited))
  const sum = (of: (result: CrowdResult) => number): number => results.reduce((total, result) => total + of(result), 0)
  return {
    right: sum(({ right }) => right),
    connected: sum(({ connected }) => connected),
    time: results.reduce((last, { time }) => Math.max(last, time), 0),
    peak: sum(({ peak }) => peak),
    tokenTime: sum(({ tokenTime }) => tokenTime),
    attempts: sum(({ attempts }) => attempts)
  }
}

const everyoneAtOnce = { maxParallelDials: Number.POSITIVE_INFINITY, maxDials: Number.POSITIVE_INFINITY }
const tokens = (fd: number): SchedulerLimits['classTokens'] => ({ fd, webrtc: fd, webtransport: fd, relay: fd })
const limitsOf: Record<Strategy, Partial<SchedulerLimits>> = {
  scheduler: everyoneAtOnce,
  serial: { ...everyoneAtOnce, maxParallelDials: 1, peerTokens: 1, classTokens: tokens(1) },
  unlimited: {
    ...everyoneAtOnce,
    peerTokens: Number.POSITIVE_INFINITY,
    classTokens: tokens(Number.POSITIVE_INFINITY),
    publicStagger: 0
  }
}

function dialTogether(crowd: Crowd, peers: readonly number[], limits: Partial<SchedulerLimits>): CrowdResult {
  const w = new DialWorld(text => crowd.behaviours.get(text)!, limits)
  const callers = peers.map(peer => [w.dial(`${peer}`, crowd.peers[peer]!).caller, peer] as const)
  // A serial run takes months of virtual time.
  while (w.clock.nextAt !== undefined) w.clock.advanceTo(w.clock.nextAt)
  let [right, connected, time] = [0, 0, 0]
  for (const [caller, peer] of callers) {
    const { outcome, at } = w.settled.get(caller)!
    if (outcome.kind === 'connected') connected++
    if ((outcome.kind === 'connected') === crowd.reachable.has(peer)) right++
    time = Math.max(time, at)
  }
  return { right, connected, time, peak: w.peak.get('fd') ?? 0, tokenTime: w.tokenTime, attempts: w.starts.length }
}

function behaviourOf(draw: number): Behaviour {
  if (draw < deadShare / 2) return { kind: 'silent' }
  if (draw < deadShare) return { kind: 'refuse', after: roundTrip }
  return { kind: 'connect', after: draw < deadShare + slowShare ? slow : roundTrip }
}
