import { connect } from 'node:net'
import { ended, settled } from '@weft/interface-connection/compliance'
import { PassThroughUpgrader, testComponents } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { tcp } from '../src/index.ts'
import { gone, listening, unlimited } from './setup.ts'

function handles(): number {
  return process.getActiveResourcesInfo().filter(name => /^(TCP|Pipe)(Socket|Server)?Wrap/.test(name)).length
}

describe('handles', () => {
  it('are gone after 500 connections, however they end', async () => {
    await settled()
    const before = handles()
    const { transport, listener, upgrader, address } = await listening()
    upgrader.upgradeInbound = async connection => {
      connection.addEventListener('remoteCloseWrite', () => void connection.close().catch(() => {}))
      connection.addEventListener('message', () => connection.abort(new Error('no')))
    }
    for (let batch = 0; batch < 10; batch++) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          const mine = new PassThroughUpgrader()
          await transport.dial(address, { upgrader: mine, signal: unlimited() })
          const connection = mine.outbound!
          const closed = ended(connection)
          if (i % 3 === 0) await connection.close()
          else if (i % 3 === 1) connection.abort(new Error('done'))
          else connection.send(Uint8Array.of(1))
          await closed
        })
      )
    }
    await listener.close()
    await vi.waitFor(() => expect(handles()).toBe(before))
  })

  it('are gone after dials and listens that fail', async () => {
    await settled()
    const before = handles()
    const transport = tcp()(testComponents())
    const upgrader = new PassThroughUpgrader()
    const { address, listener, port } = await listening()
    const reason = new Error('enough')
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController()
      const dialing = transport.dial(address, { upgrader, signal: controller.signal })
      controller.abort(reason)
      await expect(dialing).rejects.toBe(reason)
    }
    const second = transport.createListener({ upgrader })
    const errors: unknown[] = []
    second.addEventListener('error', ({ detail }) => errors.push(detail))
    const failure = { name: 'ListenError', reason: 'EADDRINUSE', address: address.toString() }
    await expect(second.listen(address)).rejects.toMatchObject(failure)
    expect(errors).toEqual([expect.objectContaining(failure)])
    await expect(second.listen(multiaddr('/ip4/127.0.0.1/udp/1'))).rejects.toMatchObject({
      name: 'InvalidParametersError'
    })
    const third = transport.createListener({ upgrader })
    const opening = third.listen(multiaddr('/dns4/localhost/tcp/0'))
    await third.close()
    await expect(opening).rejects.toMatchObject({ name: 'ListenError' })
    const pending = connect(port, '127.0.0.1').on('error', () => {})
    await listener.close()
    await gone(pending)
    const refused = { name: 'ConnectionFailedError', reason: 'ECONNREFUSED', cause: { syscall: 'connect' } }
    await expect(transport.dial(address, { upgrader, signal: unlimited() })).rejects.toMatchObject(refused)
    await vi.waitFor(() => expect(handles()).toBe(before))
  })
})
