import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { parseExposition } from '../test/exposition.ts'
import { logger } from '../test/logger.ts'
import { defaultEndpointLimits, Endpoint, type EndpointLimits } from './endpoint.ts'
import { parseListen, prometheusMetrics } from './index.ts'

const { forComponent } = logger()
const stops: Array<() => unknown> = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function endpoint(read: () => Promise<string>, limits: Partial<EndpointLimits> = {}): Promise<Endpoint> {
  const scrape = { contentType: 'text/plain', read }
  const made = new Endpoint({ port: 0 }, scrape, forComponent('test'), { ...defaultEndpointLimits, ...limits })
  stops.push(() => made.stop())
  await made.start()
  return made
}

function portOf({ url }: Endpoint): number {
  return Number(new URL(url!).port)
}

/** Waits, a turn of the loop at a time; the test's own time limit ends it. */
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise(resolve => setImmediate(resolve))
}

function open(port: number, host = '127.0.0.1'): Socket {
  const socket = connect(port, host)
  socket.on('error', () => {})
  stops.push(() => socket.destroy())
  return socket
}

describe('the endpoint', () => {
  it('is not there by default, listens on loopback, and goes with the node', async () => {
    const none = prometheusMetrics({ registry: new Registry() })({ logger: logger() })
    await none.start()
    expect(none.endpoint).toBeUndefined()

    const metrics = prometheusMetrics({ registry: new Registry(), listen: { port: 0 } })({
      logger: logger()
    })
    expect(metrics.endpoint).toBeUndefined()
    await metrics.start()
    const url = metrics.endpoint!
    expect(new URL(url)).toMatchObject({ hostname: '127.0.0.1', pathname: '/metrics' })
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('connection')).toBe('close')
    expect(parseExposition(await response.text()).has('process_cpu_user_seconds_total')).toBe(true)
    await metrics.stop()
    await expect(fetch(url)).rejects.toThrow()
    // It can be started again.
    await metrics.start()
    expect((await fetch(metrics.endpoint!)).status).toBe(200)
    await metrics.stop()
  })

  it('names the option and the address if it cannot listen', async () => {
    const first = await endpoint(async () => '')
    const second = new Endpoint(
      { port: portOf(first) },
      { contentType: '', read: async () => '' },
      forComponent('test')
    )
    await expect(second.start()).rejects.toMatchObject({
      name: 'ListenError',
      option: 'listen',
      host: '127.0.0.1',
      port: portOf(first)
    })
    expect(second.url).toBeUndefined()
  })

  it('answers GET /metrics and nothing else', async () => {
    const { url } = await endpoint(async () => 'a\n')
    const at = (path: string): string => new URL(path, url).href
    expect((await fetch(`${url}?name[]=a`)).status).toBe(200)
    for (const path of ['/', '/metrics/', '/metrics/..', '/other']) expect((await fetch(at(path))).status).toBe(404)
    for (const method of ['HEAD', 'POST', 'OPTIONS', 'DELETE']) {
      const response = await fetch(url!, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
    }
  })

  it('says so when the metrics cannot be read', async () => {
    const { url } = await endpoint(() => Promise.reject(new Error('secret')))
    const response = await fetch(url!)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
  })

  it('reads once for all who ask at the same time', async () => {
    let reads = 0
    let answer = (_text: string): void => {}
    const made = await endpoint(() => {
      reads++
      return new Promise(resolve => {
        answer = resolve
      })
    })
    const ask = async (): Promise<{ answered: Promise<unknown[]> }> => {
      const before = made.connections
      const socket = open(portOf(made))
      await until(() => made.connections > before)
      socket.setEncoding('utf8').write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
      const answered = once(socket, 'data')
      // What came before this is read before this.
      await fetch(new URL('/other', made.url))
      return { answered }
    }
    const asked = [await ask(), await ask()]
    answer('same\n')
    for (const { answered } of asked) expect(String(await answered)).toContain('\r\n\r\nsame\n')
    expect(reads).toBe(1)
  })

  it('keeps no connection', async () => {
    const made = await endpoint(async () => 'a\n')
    const socket = open(portOf(made))
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n\r\n'.repeat(2))
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    await once(socket, 'close')
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(1)
  })

  it('refuses a head that is too large', async () => {
    const made = await endpoint(async () => 'a\n', { maxHeaderSize: 1024 })
    const socket = open(portOf(made))
    socket.write(`GET /metrics HTTP/1.1\r\nx: ${'y'.repeat(2000)}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('431')
  })

  it('waits neither for a request that does not come nor for one that does not end', async () => {
    const made = await endpoint(async () => 'a\n', { requestTimeout: 50 })
    const silent = open(portOf(made))
    const slow = open(portOf(made))
    slow.write('GET /metrics HTTP/1.1\r\n')
    await Promise.all([once(silent.resume(), 'close'), once(slow.resume(), 'close')])
  })

  it('does not wait for one who does not read the answer', async () => {
    let reads = 0
    const text = 'a'.repeat(64 * 1024 * 1024)
    const read = async (): Promise<string> => {
      reads++
      return text
    }
    const made = await endpoint(read, { responseTimeout: 50 })
    const socket = open(portOf(made))
    socket.pause()
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
    await until(() => reads === 1 && made.connections === 0)
  })

  it('takes so many connections at once, and ends all when it stops', async () => {
    const made = await endpoint(async () => 'a\n', { maxConnections: 2 })
    const two = [open(portOf(made)), open(portOf(made))]
    await Promise.all(two.map(socket => once(socket, 'connect')))
    await until(() => made.connections === 2)
    await once(open(portOf(made)).resume(), 'close')
    const closed = Promise.all(two.map(socket => once(socket.resume(), 'close')))
    await made.stop()
    await closed
  })

  it('has places by address: one that takes all of its own leaves the others theirs', async () => {
    const made = await endpoint(async () => 'a\n', { maxConnectionsPerAddress: 2 })
    const from = (localAddress: string) => connect({ host: '127.0.0.1', port: portOf(made), localAddress })
    const greedy = [from('127.0.0.1'), from('127.0.0.1')]
    await until(() => made.connections === 2)
    await once(from('127.0.0.1').resume(), 'close')
    const other = from('127.0.0.2')
    await until(() => made.connections === 3)
    greedy[0]!.destroy()
    await until(() => made.connections === 2)
    const again = from('127.0.0.1')
    await until(() => made.connections === 3)
    const closed = Promise.all([greedy[1]!, other, again].map(socket => once(socket.resume(), 'close')))
    await made.stop()
    await closed
  })
})

describe('parseListen()', () => {
  it.each([
    ['9090', { port: 9090 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:9090', { host: '::1', port: 9090 }],
    ['localhost:9090', { host: 'localhost', port: 9090 }]
  ])('reads %s', (text, expected) => {
    expect(parseListen(text)).toEqual(expected)
  })

  it.each(['', ':1', 'a', '::1:9090', '1.2.3.4:', '1.2.3.4:65536', '999999', 'a:b:1'])('refuses "%s"', text => {
    expect(() => parseListen(text)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })
})
