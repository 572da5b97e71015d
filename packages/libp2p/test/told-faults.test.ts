/** What a user's listener or handler throws, or rejects with, ends nothing but its own stream, and is told once. */
import type { ComponentLogger, Libp2p, Logger } from '@libp2p/interface'
import { until } from '@weft/interface-connection/compliance'
import { expect, it } from 'vitest'
import { makeNode } from './nodes.ts'

/** A logger whose lines at `error` level are kept: the errors in them. */
function keepingErrors(): { logger: ComponentLogger; errors: Array<{ name: string; error: Error }> } {
  const errors: Array<{ name: string; error: Error }> = []
  const make = (name: string): Logger =>
    Object.assign(() => {}, {
      error(_format: unknown, ...args: unknown[]) {
        for (const error of args) if (error instanceof Error) errors.push({ name, error })
      },
      trace() {},
      enabled: false,
      newScope: (scope: string) => make(`${name}:${scope}`)
    })
  return { logger: { forComponent: make }, errors }
}

function times(errors: Array<{ error: Error }>, error: Error): number {
  return errors.filter(line => line.error === error).length
}

it.each(['connection:open', 'peer:connect', 'peer:identify', 'connection:close', 'peer:disconnect'] as const)(
  'an async listener of %s that rejects, or a plain one that throws, is logged once and harms nobody',
  async event => {
    const { logger, errors } = keepingErrors()
    const [a, b] = [await makeNode({ logger }), await makeNode()]
    const [rejected, thrown] = [new Error('rejected'), new Error('thrown')]
    a.addEventListener(event, async () => {
      throw rejected
    })
    a.addEventListener(event, () => {
      throw thrown
    })
    const connection = await a.dial(b.getMultiaddrs())
    if (event.endsWith('close') || event.endsWith('disconnect')) await connection.close()
    await until(() => times(errors, rejected) > 0)
    expect([times(errors, rejected), times(errors, thrown)]).toEqual([1, 1])
    if (connection.status === 'open') await a.services.ping.ping(b.peerId)
  }
)

it.each([
  [
    'throws',
    (error: Error) => () => {
      throw error
    }
  ],
  [
    'rejects',
    (error: Error) => async () => {
      throw error
    }
  ]
])('a handler that %s costs its stream, and is logged once', async (_, handlerOf) => {
  const { logger, errors } = keepingErrors()
  const [a, b] = [await makeNode(), await makeNode({ logger })]
  const error = new Error('of the handler')
  await b.handle('/x/1', handlerOf(error))
  const connection = await a.dial(b.getMultiaddrs())
  const stream = await connection.newStream('/x/1')
  const read = async (): Promise<void> => {
    for await (const _chunk of stream);
  }
  await expect(read()).rejects.toMatchObject({ name: 'StreamResetError' })
  expect(times(errors, error)).toBe(1)
  expect(connection.status).toBe('open')
})

it.each(['message', 'close', 'remoteCloseWrite', 'end'] as const)(
  'an async listener of %s of a stream that rejects is logged once, and the connection lives',
  async event => {
    const { logger, errors } = keepingErrors()
    const [a, b] = [await makeNode({ logger }), await makeNode()]
    await b.handle('/x/1', async stream => {
      for await (const chunk of stream) stream.send(chunk)
      await stream.close()
    })
    const connection = await a.dial(b.getMultiaddrs())
    const stream = await connection.newStream('/x/1')
    const error = new Error('rejected')
    stream.addEventListener(event, async () => {
      throw error
    })
    if (event !== 'message') stream.addEventListener('message', () => {})
    stream.send(new Uint8Array(1))
    await stream.close()
    await until(() => times(errors, error) > 0)
    expect(times(errors, error)).toBe(1)
    expect(connection.status).toBe('open')
  }
)

it('an async onProgress that rejects fails its dial as one that throws', async () => {
  const [a, b] = [await makeNode(), await makeNode()]
  const onProgress = async (): Promise<void> => {
    throw new Error('of onProgress')
  }
  // The dial may be over before the listener's promise has rejected.
  await a.dial(b.getMultiaddrs(), { onProgress }).catch((error: Error) => {
    expect(error.message).toBe('of onProgress')
  })
})

it('a name that is no text is refused where it is passed', async () => {
  const [a, b] = [await makeNode(), await makeNode()]
  const connection = await (a as unknown as Libp2p).dial(b.getMultiaddrs())
  for (const wrong of ['', undefined, 7, [], ['/x/1', undefined]]) {
    await expect(connection.newStream(wrong as never)).rejects.toMatchObject({ name: 'InvalidParametersError' })
  }
})
