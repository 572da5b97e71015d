import { string, field, message, required, type MessageCodec } from '@weft/protobuf'
import { settled, until } from '@weft/interface-connection/compliance'
import { describe, expect, it } from 'vitest'
import { ProtocolNode, protocolSuite, streamPair } from './compliance/index.ts'
import {
  answerRequests,
  ask,
  type ClientComponents,
  openStream,
  ProtocolService,
  type RequestFormat,
  streamLimits,
  withDeadline,
  withStream
} from './index.ts'

interface Line {
  text: string
}

const line: MessageCodec<Line> = message<Line>({ text: field(1, required(string())) })
const format: RequestFormat<Line, Line> = { request: line, answer: line, maxMessageSize: 1024 }
const limits = streamLimits({}, { maxInboundStreams: 2, maxOutboundStreams: 2, runOnLimitedConnection: false })

/** A protocol as small as can be: text is answered in upper case. */
class UpperCase extends ProtocolService<ClientComponents> {
  private readonly _timeout: number

  constructor(components: ClientComponents, timeout = 10_000) {
    super(components, {
      name: '@test/upper',
      capabilities: ['@test/upper'],
      handlers: [
        {
          protocol: '/upper/1.0.0',
          limits,
          serve: stream =>
            answerRequests(stream, format, { timeout }, ({ text }) => {
              if (text === '') throw new RangeError('nothing to do')
              return { text: text.toUpperCase() }
            })
        }
      ]
    })
    this._timeout = timeout
  }

  async upper(text: string, options: { signal?: AbortSignal } = {}): Promise<string> {
    const deadline = { timeout: this._timeout, operation: 'a request', ...options }
    const open = (opening: { signal: AbortSignal }) =>
      openStream(this.components, {} as never, this.handlers[0]!, opening)
    const { text: answer } = await withStream(open, deadline, (stream, signal) =>
      ask(stream, format, { text }, { signal })
    )
    return answer
  }
}

describe('a service of the kit', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: ['/upper/1.0.0'],
      capabilities: ['@test/upper'],
      create: (node, { timeout }) => new UpperCase(node.components, timeout),
      ask: (service, _node, options) => (service as UpperCase).upper('a', options)
    }
  )

  it('asks and answers, and leaves no stream', async () => {
    const node = new ProtocolNode()
    const service = new UpperCase(node.components)
    await service.start()
    expect(await service.upper('abc')).toBe('ABC')
    await until(() => node.opened.every(({ near, far }) => near.status === 'closed' && far.status === 'closed'))
    expect(node.opened[0]!.options).toMatchObject({ maxOutboundStreams: 2, runOnLimitedConnection: false })
    expect(Object.prototype.toString.call(service)).toBe('[object @test/upper]')
  })

  it('resets the stream whose request fails', async () => {
    const node = new ProtocolNode()
    const service = new UpperCase(node.components)
    await service.start()
    await expect(service.upper('')).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  it('answers several requests on one stream', async () => {
    const node = new ProtocolNode()
    const service = new UpperCase(node.components)
    await service.start()
    const [near, far] = streamPair()
    const serving = node.serve('/upper/1.0.0', far)
    const received: number[] = []
    near.addEventListener('message', ({ data }) => received.push(...data.subarray()))
    near.send(Uint8Array.from([3, 0x0a, 1, 0x61, 3, 0x0a, 1, 0x62]))
    await near.close()
    await serving
    await until(() => near.status === 'closed')
    expect(received).toEqual([3, 0x0a, 1, 0x41, 3, 0x0a, 1, 0x42])
  })

  it('starts and stops in the order of the calls', async () => {
    const node = new ProtocolNode()
    const service = new UpperCase(node.components)
    await Promise.all([service.start(), service.stop(), service.start()])
    expect([service.isStarted(), node.handlers.size]).toEqual([true, 1])
    await Promise.all([service.stop(), service.start(), service.stop()])
    expect([service.isStarted(), node.handlers.size]).toEqual([false, 0])
  })
})

describe('withStream', () => {
  it('aborts a stream that opens after the deadline', async () => {
    const [near] = streamPair()
    let opened = (): void => {}
    const open = new Promise<void>(resolve => (opened = resolve))
    const result = withStream(
      async () => {
        await open
        return near
      },
      { timeout: 5, operation: 'a test' },
      async () => 'never'
    )
    await expect(result).rejects.toMatchObject({ name: 'TimeoutError', milliseconds: 5 })
    opened()
    await settled()
    expect(near.status).toBe('aborted')
  })

  it('ends a stream whose remote does not', async () => {
    const [near] = streamPair()
    expect(
      await withStream(
        async () => near,
        { timeout: 1000, operation: 'a test' },
        async () => 1
      )
    ).toBe(1)
    await until(() => near.status === 'aborted')
  })
})

describe('withDeadline', () => {
  it('ends work that does not look at its signal', async () => {
    const work = withDeadline({ timeout: 5, operation: 'a test' }, () => new Promise(() => {}))
    await expect(work).rejects.toMatchObject({ name: 'TimeoutError' })
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(withDeadline({ timeout: 5, operation: 'a test', signal }, async () => 1)).rejects.toBe(reason)
  })
})
