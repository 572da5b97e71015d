// POSTs through @libp2p/http, whose reader takes the first message of a stream for the head of a request.
import { assert, createNode } from '../lib/node.mjs'

const REQUESTS = 20
const PATH = '/interop/post/1'

export async function httpPosts(cells, ours, theirs) {
  for (const [dialer, listener] of [
    [ours, theirs],
    [theirs, ours],
    [ours, ours]
  ]) {
    for (const bytes of [3, 1024 * 1024]) {
      const name = `${dialer.name} to ${listener.name}, ${REQUESTS} of ${bytes} bytes`
      await cells.run('http POST', name, 30_000, () => post(dialer, listener, bytes))
    }
  }
}

async function post(dialer, listener, bytes) {
  const { http } = await import('../js-libp2p/services.mjs')
  const nodes = []
  try {
    for (const parts of [dialer, listener]) nodes.push(await createNode(parts, { services: { http: http() } }))
    const [from, to] = nodes
    to.services.http.handle(PATH, {
      path: '/post',
      method: ['POST'],
      handler: async request => new Response(`${(await request.arrayBuffer()).byteLength}`)
    })
    const address = dialer.multiaddr(to.getMultiaddrs()[0].toString())
    for (let i = 0; i < REQUESTS; i++) {
      const init = { method: 'POST', body: new Uint8Array(bytes) }
      const response = await from.services.http.fetchProtocol(address, PATH, init)
      assert((await response.text()) === `${bytes}`, `request ${i} was not answered`)
    }
  } finally {
    await Promise.all(nodes.map(node => node.stop()))
  }
}
