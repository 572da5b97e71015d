import { clipped, type DialStepView } from '@weft/interface-inspection'
import { describe, expect, it } from 'vitest'
import { encodeLine } from './core/protocol.ts'
import { dialView } from './views.ts'

describe('a dial', () => {
  it('fits a line, whatever its addresses are', () => {
    const wild = '\u0000'.repeat(5000)
    const steps: DialStepView[] = Array.from({ length: 400 }, (_, at) => `${at}${wild}`).flatMap(text => [
      { kind: 'added', at: 0, address: text, source: wild },
      { kind: 'filtered', at: 1, address: text, reason: wild }
    ])
    const pending = { id: 'dial-1', status: 'active', elapsed: 1, addresses: [] }
    const dial = dialView({ ...pending, steps })
    expect(encodeLine({ item: dial }).byteLength).toBeGreaterThan(32_768)
    expect(dial.addresses.length + dial.omitted!).toBe(400)
    expect(dial.addresses[0]).toMatchObject({ address: clipped(`0${wild}`), state: 'filtered', reason: clipped(wild) })
    expect(dialView({ ...pending, steps: [] })).toEqual({ id: 'dial-1', status: 'active', elapsed: 1, addresses: [] })
  })
})
