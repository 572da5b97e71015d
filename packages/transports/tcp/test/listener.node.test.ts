import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Metrics, MultiaddrConnection } from '@libp2p/interface'
import { ended, settled } from '@weft/interface-connection/compliance'
import { admissionSymbol, type InboundAdmission } from '@weft/interface-transport'
import { testComponents } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { gone, listening, rawSocket, refused, unlimited } from './setup.ts'

/** Whether a connection can be made. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe('admission', () => {
  it('closes what is over maxConnections at once, and counts what is under upgrade', async () => {
    const { upgrader, port } = await listening({ maxConnections: 2 })
    upgrader.upgradeInbound = () => new Promise(() => {})
    const [first] = [await rawSocket(port), await rawSocket(port)]
    expect(await refused(port)).toBe('ECONNRESET')
    await settled()
    first!.resetAndDestroy()
    await settled()
    const freed = new Promise<void>(resolve => {
      upgrader.upgradeInbound = async () => resolve()
    })
    await rawSocket(port)
    await freed
  })

  it('asks the upgrader for a place before it makes a connection, and resets who gets none', async () => {
    const { upgrader, port } = await listening()
    const asked: Array<string | undefined> = []
    const carried: MultiaddrConnection[] = []
    const admission: InboundAdmission = {
      admit(ip) {
        asked.push(ip)
        if (asked.length === 1) return undefined
        return { onEvicted: undefined, carry: connection => carried.push(connection), release() {} }
      }
    }
    Object.assign(upgrader, { [admissionSymbol]: admission })
    expect(await refused(port)).toBe('ECONNRESET')
    const socket = await rawSocket(port)
    const connection = await upgrader.nextInbound()
    expect(carried).toEqual([connection])
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1'])
    // It lost its place.
    connection.abort(new Error('evicted'))
    expect(await gone(socket)).toBe('ECONNRESET')
  })

  it('stops listening above closeAbove, and listens on the same port again below listenBelow', async () => {
    const { listener, port } = await listening({ closeServerOnMaxConnections: { closeAbove: 2, listenBelow: 2 } })
    const events: string[] = []
    listener.addEventListener('close', () => events.push('close'))
    listener.addEventListener('listening', () => events.push('listening'))
    const [first, second] = [await rawSocket(port), await rawSocket(port)]
    await settled()
    expect(await answers(port)).toBe(false)
    expect(listener.getAddrs()).toEqual([])
    const again = new Promise(resolve => listener.addEventListener('listening', resolve, { once: true }))
    first.resetAndDestroy()
    await again
    expect(listener.getAddrs().map(String)).toEqual([`/ip4/127.0.0.1/tcp/${port}`])
    expect(events).toEqual(['listening'])
    await listener.close()
    expect(events).toEqual(['listening', 'close'])
    await gone(second)
  })

  it('says when it cannot listen again, tries once more, and closes while it is paused', async () => {
    const failed: Error[] = []
    const closeServerOnMaxConnections = {
      closeAbove: 2,
      listenBelow: 2,
      onListenError: (error: Error) => failed.push(error)
    }
    const { listener, port } = await listening({ closeServerOnMaxConnections })
    const sockets = [await rawSocket(port), await rawSocket(port)]
    await settled()
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    sockets[0]!.resetAndDestroy()
    while (failed.length === 0) await settled()
    expect(failed[0]).toMatchObject({ name: 'ListenError', reason: 'EADDRINUSE' })
    other.close()
    await once(other, 'close')
    const again = new Promise(resolve => listener.addEventListener('listening', resolve, { once: true }))
    sockets[1]!.resetAndDestroy()
    await again
    const more = [await rawSocket(port), await rawSocket(port)]
    await settled()
    await listener.close()
    await Promise.all(more.map(gone))
  })
})

describe('upgrades', () => {
  it('that break off at any point of a handshake leave nothing open', async () => {
    const { upgrader, port } = await listening({ inboundSocketInactivityTimeout: 30 })
    for (const how of ['reset', 'end', 'freeze'] as const) {
      for (let sent = 0; sent <= 3; sent++) {
        const closed = new Promise<string>(resolve => {
          // Needs four bytes.
          upgrader.upgradeInbound = async connection => {
            void ended(connection).then(() => resolve(connection.status))
            let read = 0
            for await (const list of connection) {
              read += list.byteLength
              if (read === 4) return
            }
            throw new Error('the handshake was cut off')
          }
        })
        const socket = await rawSocket(port)
        if (sent > 0) socket.write(Buffer.alloc(sent))
        if (how === 'reset') socket.resetAndDestroy()
        if (how === 'end') socket.end()
        expect(['reset', 'aborted']).toContain(await closed)
        if (how !== 'reset') await gone(socket)
      }
    }
  })

  it('that throw at once are caught', async () => {
    const { upgrader, port } = await listening()
    upgrader.upgradeInbound = () => {
      throw new Error('not today')
    }
    expect(await gone(connect(port, '127.0.0.1'))).toBe('ECONNRESET')
  })
})

describe('names and numbers', () => {
  it('dials domain names', async () => {
    const { transport, upgrader, port } = await listening()
    for (const type of ['dns', 'dns4']) {
      const events: string[] = []
      const address = multiaddr(`/${type}/localhost/tcp/${port}`)
      await transport.dial(address, { upgrader, signal: unlimited(), onProgress: ({ type }) => events.push(type) })
      expect(upgrader.outbound!.remoteAddr.toString()).toBe(address.toString())
      expect((await upgrader.nextInbound()).remoteAddr.toString()).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)
      expect(events).toEqual(['tcp:open-connection'])
    }
  })

  it('keeps the peer that was dialed in the address', async () => {
    const { transport, upgrader, address } = await listening()
    const full = address.encapsulate('/p2p/12D3KooWGrjaCpqkhnGBtEQoGxP7yyLGYzRyCTDoi7VLnWbVDjBD')
    expect(transport.dialFilter([full])).toEqual([full])
    await transport.dial(full, { upgrader, signal: unlimited() })
    expect(upgrader.outbound!.remoteAddr.toString()).toBe(full.toString())
  })

  it('counts what happens', async () => {
    const counts = new Map<string, number>()
    const groups = new Map<string, () => Record<string, number>>()
    const group = {
      increment(values: Record<string, number | boolean>) {
        for (const name of Object.keys(values)) counts.set(name, (counts.get(name) ?? 0) + 1)
      },
      update(values: Record<string, number>) {
        for (const [name, value] of Object.entries(values)) counts.set(`${name} status`, value)
      }
    }
    const metrics = {
      registerCounterGroup: () => group,
      registerMetricGroup(name: string, options: { calculate?: () => Record<string, number> }) {
        if (options.calculate !== undefined) groups.set(name, options.calculate)
        return group
      }
    } as unknown as Metrics
    const components = { ...testComponents(), metrics }
    const { transport, listener, upgrader, address, port } = await listening({ maxConnections: 1 }, components)
    const name = `127.0.0.1:${port}`
    expect(counts.get(`${name} status`)).toBe(1)
    await transport.dial(address, { upgrader, signal: unlimited() })
    await upgrader.nextInbound()
    expect(groups.get('libp2p_tcp_inbound_connections_total')!()).toEqual({ [name]: 1 })
    expect(await refused(port)).toBe('ECONNRESET')
    await listener.close()
    await expect(transport.dial(address, { upgrader, signal: unlimited() })).rejects.toThrow()
    expect(Object.fromEntries(counts)).toEqual({
      connect: 1,
      error: 1,
      [`${name} connection`]: 1,
      [`${name} drop`]: 1,
      [`${name} status`]: 0
    })
  })
})
