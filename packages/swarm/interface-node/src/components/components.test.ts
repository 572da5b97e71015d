import { describe, expect, it, vi } from 'vitest'
import type { Components } from '../contracts.ts'
import { serviceCapabilities, serviceDependencies } from '../symbols.ts'
import { createComponents } from './components.ts'
import { componentsOfService } from './service-components.ts'
import { checkServiceDependencies } from './service-dependencies.ts'

describe('components', () => {
  it('throws for a missing part, except for the optional ones', async () => {
    const components = createComponents({})
    expect(() => components.registrar).toThrow(
      expect.objectContaining({ name: 'MissingServiceError', code: 'ERR_MISSING_SERVICE', component: 'registrar' })
    )
    expect([components.metrics, components.connectionProtector, components.dns]).toEqual([
      undefined,
      undefined,
      undefined
    ])
    // It must not look like a promise.
    expect(await Promise.resolve(components)).toBe(components)
  })

  it('can be printed, compared, awaited and made JSON, whole and as a service is given it', async () => {
    const key = { type: 'Ed25519', raw: 'secret' }
    const whole = createComponents({ privateKey: key } as unknown as Components)
    const registrar = { handle() {}, whole }
    whole['registrar'] = registrar as never
    for (const components of [whole, componentsOfService(whole, 'ping')]) {
      expect(JSON.parse(JSON.stringify({ components }))).toEqual({
        components: { components: ['privateKey', 'registrar'] }
      })
      expect(Reflect.apply(String, undefined, [components])).toBe('[object Object]')
      expect(await Promise.resolve(components)).toBe(components)
      expect(Object.keys(components).length).toBeGreaterThan(0)
      expect(components).not.toEqual({})
      for (const name of [
        'constructor',
        'toString',
        'hasOwnProperty',
        'inspect',
        'nodeType',
        '$$typeof',
        '@@__X__@@'
      ]) {
        expect(() => components[name]).not.toThrow()
      }
      expect(() => components['pong']).toThrow('pong not set')
    }
  })

  it('takes parts by assignment and shows them as a plain map', () => {
    const components = createComponents({})
    const ping = {}
    components['ping'] = ping
    expect(components['ping']).toBe(ping)
    expect('ping' in components && !('pong' in components)).toBe(true)
    expect(components['components'].ping).toBe(ping)
    expect(Object.values(components['components'])).toEqual([ping])
  })

  it('runs each phase over all parts in parallel, each part once', async () => {
    const order: string[] = []
    const part = (name: string) => ({
      beforeStart: async () => void order.push(`${name} beforeStart`),
      start: async () => {
        order.push(`${name} start`)
        await Promise.resolve()
        order.push(`${name} started`)
      },
      stop: vi.fn()
    })
    const a = part('a')
    const components = createComponents({})
    Object.assign(components, { a, again: a, b: part('b'), other: { start: 'no function' } })
    await components.beforeStart?.()
    await components.start()
    expect(components['isStarted']()).toBe(true)
    await components.afterStart?.()
    await components.stop()
    expect(components['isStarted']()).toBe(false)
    expect(order).toEqual(['a beforeStart', 'b beforeStart', 'a start', 'b start', 'a started', 'b started'])
    expect(a.stop).toHaveBeenCalledTimes(1)
  })

  it('waits for all parts before it rejects with the first error, and logs the others', async () => {
    const error = vi.fn()
    const slow = vi.fn()
    const components = createComponents({ logger: { forComponent: () => ({ error }) } } as unknown as Components)
    Object.assign(components, {
      a: { start: () => Promise.reject(new Error('first')), stop() {} },
      b: { start: () => Promise.reject(new Error('second')), stop() {} },
      c: {
        async start() {
          await new Promise(resolve => setTimeout(resolve, 5))
          slow()
        },
        stop() {}
      }
    })
    await expect(components.start()).rejects.toThrow('first')
    expect(slow).toHaveBeenCalledTimes(1)
    expect(error).toHaveBeenCalledTimes(1)
    expect(components['isStarted']()).toBe(false)
  })

  it('names a service whose needed capability nobody has', () => {
    const service = { [Symbol.toStringTag]: '@weft/example', [serviceDependencies]: ['@libp2p/identify'] }
    expect(() => checkServiceDependencies({ service, nothing: undefined })).toThrow(
      expect.objectContaining({
        name: 'UnmetServiceDependenciesError',
        service: '@weft/example',
        capability: '@libp2p/identify'
      })
    )
    const identify = { [serviceCapabilities]: ['@libp2p/identify'] }
    expect(checkServiceDependencies({ service, identify })).toBeUndefined()
  })
})
