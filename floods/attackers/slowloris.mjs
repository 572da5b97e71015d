// Connections that stop in some phase of the handshake, and then send a byte every five seconds.
import { concat } from '@weft/bytes'
import { answer, settings } from '../lib/answer.mjs'
import { sleep } from '../lib/statistics.mjs'
import { line, proposal } from '../../wirekit/multistream.mjs'
import { Wire } from '../lib/wire.mjs'
import { DATA, frame, FrameReader, RST, SYN, WINDOW } from '../../wirekit/yamux.mjs'

const { host, port, addresses } = settings
const DRIP_INTERVAL_MS = 5000
const CALM_INTERVAL_MS = 15

const noiseMessage = new Uint8Array(34)
noiseMessage[1] = 32
noiseMessage.fill(9, 2)

/**
 * Each brings a connection to its phase and returns the bytes that follow one by one. What is sent so is right: it only
 * takes for ever.
 */
const phases = {
  multistream: async () => proposal('/noise'),
  async 'noise 1'(wire) {
    wire.send(proposal('/noise'))
    await wire.readLine()
    await wire.readLine()
    return noiseMessage
  },
  // The victim has sent the second message; nobody answers.
  async 'noise 2'(wire) {
    await wire.beginNoise({ own: true })
    return new Uint8Array(0)
  },
  async 'noise 3'(wire) {
    return (await wire.beginNoise({ own: true })).third
  },
  async muxer(wire) {
    await wire.secure({ muxers: [], own: true })
    return proposal('/yamux/1.0.0')
  },
  async 'yamux header'(wire) {
    await wire.secure({ own: true })
    return concat([frame(WINDOW, SYN, 1, 0), frame(WINDOW, SYN, 3, 0)])
  },
  async protocol(wire) {
    await wire.secure({ own: true })
    wire.send(frame(WINDOW, SYN, 1, 0))
    return line('/multistream/1.0.0')
  }
}

/** { phase, began, gone } in ms of performance.now(); `gone` of the phase `protocol` is when its stream was reset. */
const attempts = []
const wires = new Set()

async function attempt(phase, from) {
  const entry = { phase, began: undefined, reached: false, gone: undefined }
  attempts.push(entry)
  let wire
  try {
    wire = await Wire.connect({ host, port, from })
    wires.add(wire)
    entry.began = performance.now()
    void wire.gone.then(at => {
      entry.gone ??= at
      wires.delete(wire)
    })
    const bytes = await phases[phase](wire)
    entry.reached = true
    // The time for a handshake is one for all of it; what comes after begins anew.
    if (phase === 'yamux header' || phase === 'protocol') entry.began = performance.now()
    if (phase === 'protocol') {
      watchReset(wire, entry)
      await drip(wire, entry, bytes, byte => frame(DATA, 0, 1, byte))
    } else await drip(wire, entry, bytes, byte => byte)
  } catch {
    // Refused or closed on the way: gone.
    entry.gone ??= performance.now()
    entry.began ??= entry.gone
    wire?.close()
  }
}

/** Everything else that the victim sends is ignored: also its own pings. */
function watchReset(wire, entry) {
  const reader = new FrameReader(({ id, flags }) => {
    if (id === 1 && (flags & RST) !== 0) entry.gone ??= performance.now()
  })
  wire.onBytes = bytes => reader.push(bytes)
}

async function drip(wire, entry, bytes, wrap) {
  for (let i = 0; entry.gone === undefined; i++) {
    if (i < bytes.byteLength) wire.send(wrap(bytes.subarray(i, i + 1)))
    await Promise.race([sleep(DRIP_INTERVAL_MS), wire.gone])
  }
}

answer({
  ready() {},
  /**
   * Opens `count` connections, `perSecond` of them a second, the phases and addresses in turn. The first `calm` come
   * slowly, so that some are in every phase when the others take all room.
   */
  async start({ count, perSecond, calm }) {
    const names = Object.keys(phases).reverse()
    for (let i = 0; i < calm; i++) {
      void attempt(names[i % names.length], addresses[i % addresses.length])
      await sleep(CALM_INTERVAL_MS)
    }
    const began = performance.now()
    for (let i = calm; i < count; i++) {
      void attempt(names[i % names.length], addresses[Math.floor(i / names.length) % addresses.length])
      const ahead = began + ((i - calm) * 1000) / perSecond - performance.now()
      if (ahead > 10) await sleep(ahead)
    }
  },
  report() {
    const now = performance.now()
    return attempts.map(({ phase, began, reached, gone }) => ({
      phase,
      reached,
      gone: gone !== undefined,
      ms: (gone ?? now) - (began ?? now)
    }))
  },
  stop() {
    for (const wire of wires) wire.close()
  }
})
