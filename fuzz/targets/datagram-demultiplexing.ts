/** Datagrams and claims in any order: each comes to one owner at most, sources and queues stay bounded, nobody is amplified. */
import {
  type DatagramAddress,
  type DatagramClaim,
  type DatagramReceiver,
  DatagramSockets,
  type DatagramUser,
  firstPackets,
  type LiveId
} from '../../packages/transports/interface-datagram/src/index.ts'

export const name = 'datagram-demultiplexing'

// Each operation makes objects of its own.
export const cost = { base: 400_000, perByte: 8000 }

const protocols = ['utp', 'udt', 'quic', 'cjdns', 'udp'] as const

/** The input is cut into operations: a byte for the kind, one for the remote, one for the length, then what it carries. */
export async function fuzz(input: Uint8Array): Promise<void> {
  let receiver: DatagramReceiver | undefined
  const balance = new Map<number, number>()
  const sockets = new DatagramSockets({
    limits: { maxRemotes: 4, maxUnproven: 4, maxIds: 4 },
    bind: async local => ({
      local,
      send(view, to) {
        balance.set(to.port, (balance.get(to.port) ?? 0) - view.byteLength)
        return true
      },
      receive(next) {
        receiver = next
      },
      async close() {}
    })
  })
  let owners = 0
  const users: DatagramUser[] = []
  for (const protocol of protocols) {
    const onFirst = (view: Uint8Array): void => {
      owners++
      if (!firstPackets[protocol](view)) throw new Error(`no first packet of ${protocol}`)
    }
    // oxlint-disable-next-line no-await-in-loop
    users.push(await sockets.open({ host: 'here', port: 1 }, { protocol, onFirst }))
  }
  const claims: DatagramClaim[] = []
  const trusted = new Set<number>()
  for (let at = 0; at + 3 <= input.byteLength; ) {
    const [kind, port, length] = [input[at]! % 5, input[at + 1]! % 8, input[at + 2]!]
    const view = input.subarray(at + 3, at + 3 + length)
    at += 3 + length
    const remote: DatagramAddress = { host: 'there', port }
    const user = users[length % users.length]!
    if (kind === 0) {
      owners = 0
      balance.set(port, (balance.get(port) ?? 0) + view.byteLength)
      receiver!.onDatagram(view, remote)
      if (owners > 1) throw new Error('a datagram came to two owners')
    } else if (kind === 1) {
      const onDatagram = (): void => void owners++
      const live = liveOf(protocols[length % protocols.length]!, view)
      const claim = attempt(() => user.claim(remote, { live, onDatagram }))
      if (claim !== undefined) claims.push(claim)
    } else if (kind === 2) claims.splice(port, 1)[0]?.release()
    else if (kind === 3) attempt(() => (claims[port] === undefined ? user.send(view, remote) : claims[port].send(view)))
    else if (attempt(() => user.prove(remote) ?? true) === true) trusted.add(port)
    for (const [source, bytes] of balance) {
      if (bytes < 0 && !trusted.has(source)) throw new Error('an unproven source was sent more than it sent')
    }
  }
  await Promise.all(users.map(user => user.close()))
  if (sockets.size > 0) throw new Error('the socket is open without users')
}

function liveOf(protocol: (typeof protocols)[number], view: Uint8Array): LiveId {
  if (protocol === 'cjdns') return { protocol }
  if (protocol === 'quic') return { protocol, id: new Uint8Array(view.subarray(0, 8)) }
  const id = view.subarray(0, 4).reduce((value, byte) => value * 256 + byte, 0)
  return { protocol, id }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if ((error as Error).name !== 'DatagramError') throw error
    return undefined
  }
}
