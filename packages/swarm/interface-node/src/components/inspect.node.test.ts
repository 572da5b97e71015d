import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import type { Components } from '../contracts.ts'
import { createComponents } from './components.ts'
import { componentsOfService } from './service-components.ts'

it('is printed by util.inspect, with and without what proxies hide', () => {
  const components = createComponents({ nodeInfo: { name: 'a' }, registrar: {} } as unknown as Components)
  components['self'] = { components }
  for (const printed of [components, componentsOfService(components, 'ping'), { components }]) {
    for (const showProxy of [false, true]) expect(inspect(printed, { depth: 6, showProxy })).toContain('nodeInfo')
  }
})
