import type { MessageStream } from '@libp2p/interface'
import { concat, equals } from '@weft/bytes'
import { messageStreamPair, type TestRunner } from '@weft/interface-connection/compliance'
import { type Random, seededRandom } from '@weft/testkit'
import {
  type ChannelFault,
  type ChannelFraming,
  faultAt,
  type FaultKind,
  faultKinds,
  opposite,
  type Recordings,
  type Side
} from './channel-fault.ts'
import type { ChannelPeer } from './crypto-channel-suite.ts'
import { FaultBench, type Honest, type Outcome } from './fault-bench.ts'

/** A channel, and what it is made to run over. */
export interface ChannelFaultSetup {
  /** Makes three peers with different identities. */
  readonly setup: () => Promise<{ dialer: ChannelPeer; listener: ChannelPeer; impostor: ChannelPeer }>
  /** Where a message ends. */
  readonly framing: ChannelFraming
  /** Makes both ends of a connection: one leads from the dialer to somebody else, one from there to the listener. */
  readonly connect?: () => Promise<[MessageStream, MessageStream]>
  /**
   * Faults that the protocol cannot notice, each with its reason in the channel's README. They are not tried.
   * @default none
   */
  readonly misses?: (fault: ChannelFault, inHandshake: boolean) => boolean
  /** Whether an abort reaches the other side as an error, never as an end. @default true */
  readonly tellsOfAborts?: boolean
  /** Whether bytes behind the handshake are protected. @default true */
  readonly isProtected?: boolean
}

const sides: readonly Side[] = ['dialer', 'listener']
// Bits that are changed in each message of a handshake.
const flips = 8
// What each side sends behind the handshake, in so many messages of random sizes. Together they are less than what makes a
// writer wait: what waits would be put together, and there would be fewer.
const writes = 16
const maxWrite = 3000
const randomFaults = 10
// Nobody on the way may ever see it. It stands at the beginning of each write.
const secret: Uint8Array = new TextEncoder().encode('for the other side alone')

/**
 * Somebody between the two sides changes, cuts, withholds, repeats, moves and replaces each message of the handshake, and
 * messages at random places behind it. Both sides must end with a typed error, and what they have read by then must be the
 * beginning of what the other side has sent: no part of the message, and nothing behind it.
 */
export function channelFaultSuite(runner: TestRunner, options: ChannelFaultSetup): void {
  const { describe, it, expect } = runner
  const { isProtected = true, misses = () => false } = options

  describe('somebody between the two sides', () => {
    it('who does nothing sees nothing', async () => {
      const { honest, payload } = await prepare(options, seededRandom(1))
      for (const side of sides) {
        expect(honest.outcomes[side].error).toBe(undefined)
        expect(equals(honest.outcomes[side].received, concat(payload[opposite(side)]))).toBe(true)
        expect(includes(concat(honest.seen[side]), secret)).toBe(false)
      }
    })

    for (const kind of faultKinds) {
      it(`who does this to a message of the handshake is noticed: ${kind}`, async () => {
        const stage = await prepare(options, seededRandom(2).fork(kind))
        for (const side of sides) {
          for (let index = 0; index < stage.handshake[side]; index++) {
            for (let again = kind === 'flip' ? flips : 1; again > 0; again--) {
              const fault = faultAt(kind, side, index, stage.random)
              if (!misses(fault, true)) await expectNoticed(runner, stage, fault)
            }
          }
        }
      })
    }

    if (!isProtected) return
    for (const seed of [3, 4, 5]) {
      it(`who does something at random places behind the handshake is noticed: seed ${seed}`, async () => {
        const stage = await prepare(options, seededRandom(seed))
        for (let i = 0; i < randomFaults; i++) {
          const fault = faultBehind(stage)
          if (!misses(fault, false)) await expectNoticed(runner, stage, fault)
        }
      })
    }
  })
}

interface Stage {
  readonly random: Random
  readonly bench: FaultBench
  readonly peers: { readonly dialer: ChannelPeer; readonly listener: ChannelPeer }
  readonly payload: Record<Side, Uint8Array[]>
  readonly honest: Honest
  readonly handshake: Record<Side, number>
  readonly recordings: Recordings
  readonly tellsOfAborts: boolean
}

async function prepare({ setup, framing, ...options }: ChannelFaultSetup, random: Random): Promise<Stage> {
  const { dialer, listener, impostor } = await setup()
  const someBytes = (): Uint8Array => concat([secret, random.bytes(random.integer(maxWrite))])
  const some = (): Uint8Array[] => (options.isProtected === false ? [] : Array.from({ length: writes }, someBytes))
  const payload = { dialer: some(), listener: some() }
  const bench = new FaultBench(options.connect ?? (async () => messageStreamPair()), framing, payload)
  const honest = await bench.honest({ dialer, listener })
  const [asDialer, asListener] = [
    await bench.honest({ dialer: impostor, listener }),
    await bench.honest({ dialer, listener: impostor })
  ]
  return {
    ...{ random, bench, payload, honest, peers: { dialer, listener }, tellsOfAborts: options.tellsOfAborts ?? true },
    handshake: {
      dialer: Math.min(honest.handshake.dialer, asDialer.handshake.dialer),
      listener: Math.min(honest.handshake.listener, asListener.handshake.listener)
    },
    recordings: {
      earlier: honest.seen,
      impostor: { dialer: asDialer.seen.dialer, listener: asListener.seen.listener }
    }
  }
}

/** In the first half of what is sent, so that something follows. */
function faultBehind({ random, handshake }: Stage): ChannelFault {
  const kind = faultKinds[random.integer(faultKinds.length)] as FaultKind
  const side = sides[random.integer(sides.length)] as Side
  return faultAt(kind, side, handshake[side] + random.integer(writes / 2), random)
}

async function expectNoticed({ expect }: TestRunner, stage: Stage, fault: ChannelFault): Promise<void> {
  const { bench, peers, recordings, payload, tellsOfAborts } = stage
  const outcomes = await bench.faulty(peers, { fault, recordings })
  const found = sides.map(side => wrongWith(outcomes[side], concat(payload[opposite(side)])))
  const missing = sides.filter(side => outcomes[side].error === undefined)
  if (missing.length > (tellsOfAborts ? 0 : 1)) found.push(`no error for ${missing.join(' and ')}`)
  const { byteLength } = outcomes[opposite(fault.side)].received
  if (byteLength > 0 && byteLength === concat(payload[fault.side]).byteLength) found.push('everything was read')
  // The fault is named where it fails.
  expect({ fault, found: found.filter(what => what !== undefined) }).toEqual({ fault, found: [] })
}

/** What is wrong with how a side has ended. */
function wrongWith({ error, received, below }: Outcome, sent: Uint8Array): string | undefined {
  if (error !== undefined && !isTyped(error)) return `an error without a type: ${error.stack ?? error.message}`
  if (below.status === 'open' || below.status === 'closing') return `the connection is ${below.status}`
  return equals(received, sent.subarray(0, received.byteLength)) ? undefined : 'other bytes than were sent'
}

function isTyped(error: Error & { code?: unknown }): boolean {
  return error.name !== 'Error' && typeof error.code === 'string'
}

function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = bytes.indexOf(part[0]!); at >= 0; at = bytes.indexOf(part[0]!, at + 1)) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return true
  }
  return false
}
