// Lengths that cannot be: one lie for each way in which each parser that listens can be lied to.
import { concat, encodeLengthPrefixed, fromHex } from '@weft/bytes'
import { answer, settings } from '../lib/answer.mjs'
import { line, proposal } from '../../wirekit/multistream.mjs'
import { Wire } from '../lib/wire.mjs'
import { DATA, FIN, frame, FrameReader, RST, SYN, WINDOW } from '../../wirekit/yamux.mjs'

const { host, port, addresses } = settings
const GIVE_UP_MS = 3000

const header = line('/multistream/1.0.0')
const multistreamLies = {
  'a line of 65,535 bytes': fromHex('ffff03'),
  'an endless varint': fromHex('8080808080808080808001'),
  'a line of 2^63 bytes': fromHex('ffffffffffffffffff01'),
  'an empty line': fromHex('00')
}

/** The lie costs the connection. `prepare` brings it to where the lie is told, `tell` tells it. */
const connectionLies = {
  multistream: Object.fromEntries(
    Object.entries(multistreamLies).flatMap(([name, bytes]) => [
      [name, bare(bytes)],
      [`${name}, after the header`, bare(concat([header, bytes]))]
    ])
  ),
  noise: {
    'a first message of 0 bytes': bare(concat([proposal('/noise'), fromHex('0000')])),
    'a first message of 31 bytes': bare(concat([proposal('/noise'), Uint8Array.of(0, 31), new Uint8Array(31)])),
    'a third message of 16 bytes': {
      prepare: wire => wire.beginNoise({ own: true }),
      tell: wire => wire.sendRaw(concat([Uint8Array.of(0, 16), new Uint8Array(16)]))
    },
    'a record of 15 bytes': { prepare: wire => muxed(wire), tell: wire => wire.sendRaw(fromHex('000f')) }
  },
  yamux: {
    'a frame of 4 GiB that opens a stream': frames(frame(DATA, SYN, 1, 0xffffffff)),
    'a frame of 4 GiB on a stream': frames(frame(WINDOW, SYN, 1, 0), frame(DATA, 0, 1, 0xffffffff)),
    'a frame of a byte more than its window': frames(frame(DATA, SYN, 1, 256 * 1024 + 1)),
    'a frame of 4 GiB on a stream that was': frames(
      frame(WINDOW, SYN, 1, 0),
      frame(WINDOW, RST, 1, 0),
      frame(DATA, 0, 1, 0xffffffff)
    ),
    'credit past 2^32 - 1': frames(frame(WINDOW, SYN, 1, 0), frame(WINDOW, 0, 1, 0xffffffff))
  },
  mplex: {
    'a message of 32 GiB': overMplex('00000280808080ff00'),
    'a message of a byte more than 1 MiB': overMplex('000002818040'),
    'an endless header': overMplex('ffffffffffffffffffff01'),
    'an endless length': overMplex('0000028080808080808080808001')
  }
}

/** The lie costs its stream: one that this side opens, or the one on which the victim asks who is there. */
const streamLies = {
  'multistream on a stream': Object.fromEntries(
    Object.entries(multistreamLies).map(([name, bytes]) => [name, { open: concat([header, bytes]) }])
  ),
  identify: {
    'an answer of 34 GB': { answer: fromHex('ffffffff7f') },
    'an answer of 8,193 bytes': { answer: fromHex('8140') },
    'a field of 34 GB': { answer: encodeLengthPrefixed(fromHex('12ffffffff7f')) }
  },
  'identify push': {
    'a message of 34 GB': { open: concat([proposal('/ipfs/id/push/1.0.0'), fromHex('ffffffff7f')]) },
    'a field of 34 GB': {
      open: concat([proposal('/ipfs/id/push/1.0.0'), encodeLengthPrefixed(fromHex('12ffffffff7f'))])
    }
  },
  perf: { 'a request cut short': { open: concat([proposal('/perf/1.0.0'), new Uint8Array(7)]), flags: FIN } }
}

function bare(bytes) {
  return { prepare() {}, tell: wire => wire.send(bytes) }
}

function frames(...list) {
  return { prepare: wire => muxed(wire), tell: wire => wire.send(concat(list)) }
}

function overMplex(hex) {
  return { prepare: wire => muxed(wire, '/mplex/6.7.0'), tell: wire => wire.send(fromHex(hex)) }
}

/** Resolves when the victim has said its first word on the connection: then it has finished its handshake too. */
async function muxed(wire, muxer = '/yamux/1.0.0') {
  await wire.secure({ muxers: [muxer], own: true })
  await wire.read(1)
}

async function connected() {
  return Wire.connect({ host, port, from: addresses[nextAddress++ % addresses.length] })
}

async function preparedConnection({ prepare, tell }) {
  const wire = await connected()
  await prepare(wire)
  return { wire, tell: () => tell(wire), over: wire.gone }
}

async function preparedStream({ open, answer: reply, flags = 0 }) {
  const wire = await connected()
  await wire.secure({ own: true })
  let asked
  const ready = new Promise(resolve => {
    asked = resolve
  })
  let lied
  const over = new Promise(resolve => {
    const reader = new FrameReader(({ type, flags: got, id, payload }) => {
      if ((got & RST) !== 0 && id === lied) resolve(performance.now())
      if (type === DATA && Buffer.from(payload).includes('/ipfs/id/1.0.0')) asked(id)
    })
    wire.onBytes = bytes => reader.push(bytes)
  })
  const question = await ready
  const tell = () => {
    lied = open === undefined ? question : 1
    if (open === undefined) wire.send(frame(DATA, 0, question, concat([proposal('/ipfs/id/1.0.0'), reply])))
    else wire.send(concat([frame(WINDOW, SYN, 1, 0), frame(DATA, flags, 1, open)]))
  }
  return { wire, tell, over }
}

/** Tells a lie and returns the milliseconds until its connection or stream was gone; undefined if it stays. */
async function told({ wire, tell, over }) {
  const began = performance.now()
  tell()
  let timer
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, GIVE_UP_MS)
  })
  const at = await Promise.race([over, late])
  clearTimeout(timer)
  wire.close()
  return at === undefined ? undefined : at - began
}

/** Every lie of a parser. */
function liesOf(parser) {
  const onConnections = Object.entries(connectionLies[parser] ?? {})
  const onStreams = Object.entries(streamLies[parser] ?? {})
  return [
    ...onConnections.map(([name, lie]) => [name, () => preparedConnection(lie)]),
    ...onStreams.map(([name, lie]) => [name, () => preparedStream(lie)])
  ]
}

let nextAddress = 0

answer({
  ready() {},
  parsers: () => [...Object.keys(connectionLies), ...Object.keys(streamLies)],
  /** Tells each lie `times`; `{ name, slowestMs, open }` of each, `open` being how many did not end. */
  async lie({ parser, times }) {
    const results = []
    for (const [name, prepare] of liesOf(parser)) {
      const prepared = await Promise.all(Array.from({ length: times }, prepare))
      const all = []
      for (const one of prepared) all.push(await told(one))
      const taken = all.filter(ms => ms !== undefined)
      results.push({ name, slowestMs: Math.max(0, ...taken), open: all.length - taken.length })
    }
    return results
  }
})
