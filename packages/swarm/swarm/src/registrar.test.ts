import { componentsOfService, createComponents } from '@weft/interface-node'
import { describe, expect, it } from 'vitest'
import { alice, fakeEvents, fakeLogger } from '../../interface-node/test/fakes.ts'
import { DefaultRegistrar, serviceOf } from './registrar.ts'

describe('the components of a service', () => {
  it('are those of the node, but for a registrar that adds the name of the service to what it handles', async () => {
    const registrar = new DefaultRegistrar({
      peerId: alice,
      peerStore: { merge: async () => ({}), patch: async () => ({}) } as never,
      events: fakeEvents(),
      logger: fakeLogger()
    })
    const node = createComponents({ registrar, peerId: alice })
    const components = componentsOfService(node, 'talk')
    const handler = (): void => {}
    await components.registrar.handle('/chat', handler, { maxInboundStreams: 3 })
    expect(registrar.getHandler('/chat')).toMatchObject({ handler, options: { maxInboundStreams: 3, service: 'talk' } })
    expect(components.registrar.getProtocols()).toEqual(['/chat'])
    expect(Object.prototype.toString.call(components.registrar)).toBe('[object @libp2p/registrar]')
    await node.registrar.handle('/own', handler)
    expect(['/chat', '/own', '/none'].map(protocol => serviceOf(registrar, protocol))).toEqual(['talk', '', ''])
    await components.registrar.unhandle('/chat')
    expect(serviceOf(registrar, '/chat')).toBe('')
    expect(components.peerId).toBe(alice)
    components['more'] = 1
    expect(node['more']).toBe(1)
  })
})
