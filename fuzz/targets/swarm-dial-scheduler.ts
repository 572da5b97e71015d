/** The dial scheduler under any order of events: tokens, attempts, callers and their traces stay as promised. */
import type { DialAddress, TokenClass } from '../../packages/swarm/dialer/src/core/model.ts'
import { addressOf, type Behaviour, DialWorld } from '../../packages/swarm/dialer/test/dial-world.ts'

export const name = 'swarm-dial-scheduler'

const classes: readonly Exclude<TokenClass, 'none'>[] = ['fd', 'webrtc', 'webtransport', 'relay']
const relay = '/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit'
// Of every class, reach and path; what an address does is in its port.
const forms: ReadonlyArray<(port: number) => string> = [
  port => `/ip4/8.8.8.8/tcp/${port}`,
  port => `/ip6/2606:4700::1111/tcp/${port}`,
  port => `/ip4/10.0.0.1/tcp/${port}`,
  port => `/ip6/2606:4700::1111/udp/${port}/quic-v1`,
  port => `/ip4/8.8.8.8/udp/${port}/quic-v1`,
  port => `/ip4/8.8.8.8/udp/${port}/quic-v1/webtransport`,
  port => `/ip4/192.168.1.1/udp/${port}/quic-v1/webtransport`,
  port => `/ip4/8.8.8.8/udp/${port}/webrtc-direct`,
  port => `/ip6/::1/udp/${port}/webrtc-direct`,
  port => `/dns4/example.com/tcp/${port}/tls/ws`,
  port => `/ip4/127.0.0.1/tcp/${port}/ws`,
  port => `/ip4/8.8.8.8/tcp/${port}${relay}`,
  port => `/ip4/8.8.8.8/udp/${port}/quic-v1${relay}`
]
// An address is made once: to read its text takes longer than a dial on virtual time.
const made = new Map<string, DialAddress>()
const limits = {
  maxParallelDials: 3,
  maxDials: 5,
  maxAddresses: 5,
  peerTokens: 2,
  classTokens: { fd: 2, webrtc: 1, webtransport: 1, relay: 1 },
  maxBackoffs: 4,
  blackHoleWindow: 3
}

/**
 * Each operation is a byte and what it needs behind it. What an address does is in its name. The world throws where a
 * token too many is out, an address starts twice or after its dial, or a caller is answered or told twice.
 */
export function fuzz(input: Uint8Array): void {
  const reader = new Reader(input)
  const w = new DialWorld(behaviourOf, limits)
  const callers: number[] = []
  const dials: number[] = []
  while (!reader.done) {
    const operation = reader.byte()
    const dial = dials[(operation >> 3) % Math.max(1, dials.length)] ?? -1
    const caller = callers[(operation >> 3) % Math.max(1, callers.length)] ?? -1
    if (operation % 8 <= 1) {
      const facts = reader.byte()
      const ticket = w.dial(`peer ${facts % 3}`, reader.addresses((facts >> 2) % 4), {
        forced: (facts & 16) > 0,
        traced: (facts & 32) > 0,
        priority: (facts & 64) > 0 ? 60 : 50,
        sources: ['caller'],
        ...((facts & 128) > 0 ? { timeout: reader.byte() * 8 } : {})
      })
      callers.push(ticket.caller)
      if (ticket.dial !== undefined && !ticket.joined) dials.push(ticket.dial)
    } else if (operation % 8 === 2) {
      const found = reader.addresses(1 + (operation >> 6))
      w.do((s, now) => s.addAddresses(dial, found, now))
    } else if (operation % 8 === 3) w.do((s, now) => s.leave(caller, now))
    else if (operation % 8 === 4) w.do((s, now) => s.sourceEnded(dial, 'caller', now))
    else if (operation % 8 === 5) end(w, dial, reader.byte())
    else w.clock.advance(reader.byte() * 4)
    check(w)
  }
  for (const dial of dials) w.do((s, now) => s.sourceEnded(dial, 'caller', now))
  w.clock.runUntilIdle()
  if (callers.some(caller => !w.settled.has(caller))) throw new Error('a caller was not answered')
  if (w.running > 0 || w.scheduler.reports(w.now).length > 0) throw new Error('a dial did not end')
  if (w.scheduler.wakeAt !== undefined) throw new Error('a timer is left')
  for (const one of classes) {
    const { used, waiting } = w.scheduler.usage(one)
    if (used > 0 || waiting > 0) throw new Error(`${used} tokens of ${one} are lost, ${waiting} wait`)
  }
}

function end(w: DialWorld, dial: number, how: number): void {
  w.do((s, now) => {
    if (how % 4 === 0) s.endDial(dial, new Error('ended'), now)
    else if (how % 4 === 1) s.dialAnswered(dial, now)
    else if (how % 4 === 2) s.clearBackoff()
    else s.addRecord(dial, `/name/${how >> 2}`, 'caller', { kind: 'resolving', since: now }, now)
  })
}

/** No token lies idle while someone waits for it. */
function check(w: DialWorld): void {
  for (const one of classes) {
    const { used, waiting } = w.scheduler.usage(one)
    if (waiting > 0 && used < limits.classTokens[one]) throw new Error(`${waiting} wait for ${one}, ${used} are out`)
  }
}

function behaviourOf(text: string): Behaviour {
  const facts = Number(/(?:tcp|udp)\/([0-9]+)/.exec(text)?.[1])
  const after = (facts >> 2) * 10
  if (facts % 4 === 0) return { kind: 'connect', after }
  return facts % 4 === 1 ? { kind: 'silent', unwind: after } : { kind: 'refuse', after }
}

function addressAt(form: number, port: number, joined: boolean): DialAddress {
  const text = forms[form % forms.length]!(port)
  const key = `${text} ${joined}`
  const address = made.get(key) ?? addressOf(text, joined)
  made.set(key, address)
  return address
}

class Reader {
  private readonly _input: Uint8Array
  private _at = 0

  constructor(input: Uint8Array) {
    this._input = input
  }

  get done(): boolean {
    return this._at >= this._input.byteLength
  }

  byte(): number {
    return this._input[this._at++] ?? 0
  }

  addresses(count: number): DialAddress[] {
    return Array.from({ length: count }, () => {
      const facts = this.byte()
      return addressAt(facts & 31, this.byte() % 32, (facts & 32) > 0)
    })
  }
}
