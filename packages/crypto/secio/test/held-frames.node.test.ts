/** What has come of a frame is charged to the connection, and costs no more than its bytes. */
import type { MessageStream } from '@libp2p/interface'
import { setResourceScope } from '@weft/interface-connection'
import { messageStreamPair, until } from '@weft/interface-connection/compliance'
import { secure } from '@weft/interface-crypto-channel/compliance'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { type ConnectionScope, ResourceManager } from '@weft/resources'
import { expect, it } from 'vitest'
import { secio } from '../src/index.ts'

const mebibyte = 1024 * 1024
const [dialerKey, listenerKey] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]

function charged(connection: MessageStream): ConnectionScope {
  const scope = new ResourceManager().openConnection('inbound')
  setResourceScope(connection, scope)
  return scope
}

function halfFrame(length: number): Uint8Array {
  const frame = new Uint8Array(4 + length / 2)
  new DataView(frame.buffer).setUint32(0, length)
  return frame
}

async function open(): Promise<{ below: MessageStream; secured: MessageStream; scope: ConnectionScope }> {
  const pair = messageStreamPair()
  const scope = charged(pair[1])
  const { inbound } = await secure(
    { encrypter: secio()({ privateKey: dialerKey }), peerId: peerIdFromPrivateKey(dialerKey) },
    { encrypter: secio()({ privateKey: listenerKey }), peerId: peerIdFromPrivateKey(listenerKey) },
    pair
  )
  return { below: pair[0], secured: inbound.connection, scope }
}

it('half a frame is charged, and given back with the connection', async () => {
  const { below, secured, scope } = await open()
  expect(scope.used('memory')).toBe(0)
  scope.setPeer(peerIdFromPrivateKey(dialerKey).toString())
  below.send(halfFrame(8 * mebibyte))
  await until(() => scope.used('memory') === 4 * mebibyte)
  expect(secured.status).toBe('open')
  below.abort(new Error('done'))
})

it('a remote that is not authenticated gets a mebibyte', async () => {
  const { below, secured, scope } = await open()
  const closed = new Promise<Error | undefined>(resolve =>
    secured.addEventListener('close', event => resolve(event.error))
  )
  below.send(halfFrame(2 * mebibyte))
  await until(() => scope.used('memory') === mebibyte)
  below.send(new Uint8Array(1))
  expect(await closed).toMatchObject({ name: 'ResourceLimitError' })
})

it('where the node has no room the connection ends', async () => {
  const pair = messageStreamPair()
  const manager = new ResourceManager({ resourceLimits: { system: { memory: mebibyte } } })
  const scope = manager.openConnection('inbound')
  setResourceScope(pair[1], scope)
  const { inbound } = await secure(
    { encrypter: secio()({ privateKey: dialerKey }), peerId: peerIdFromPrivateKey(dialerKey) },
    { encrypter: secio()({ privateKey: listenerKey }), peerId: peerIdFromPrivateKey(listenerKey) },
    pair
  )
  const closed = new Promise<Error | undefined>(resolve =>
    inbound.connection.addEventListener('close', event => resolve(event.error))
  )
  pair[0].send(halfFrame(4 * mebibyte))
  expect(await closed).toMatchObject({ name: 'ResourceLimitError' })
})
