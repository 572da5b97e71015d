import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fault, FaultInjector } from './index.ts'

const faults = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(20) }),
    fc.record({ kind: fc.constant('freeze' as const), at: fc.nat(20), duration: fc.nat(5) }),
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(20), bit: fc.nat(7) })
  ),
  { maxLength: 6 }
)

describe('FaultInjector', () => {
  it('does the same however the bytes are cut', () => {
    fc.assert(
      fc.property(faults, fc.uint8Array({ maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (list, bytes, step) => {
        const chunks: Uint8Array[] = []
        for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step))
        expect(trace(list, chunks)).toEqual(trace(list, [bytes]))
      })
    )
  })

  it('passes everything but the flipped bits, and reports each fault at its offset', () => {
    fc.assert(
      fc.property(faults, fc.uint8Array({ maxLength: 30 }), (list, bytes) => {
        const expected = bytes.slice()
        for (const fault of list) {
          if (fault.kind === 'flip' && fault.at < expected.length) expected[fault.at]! ^= 1 << fault.bit
        }
        const stops = list.filter(({ kind, at }) => kind !== 'flip' && at <= bytes.length)
        const { out, reached } = trace(list, [bytes])
        expect(out).toEqual([...expected])
        expect(reached.map(([, at]) => at)).toEqual(stops.map(({ at }) => at).toSorted((a, b) => a - b))
        for (const [offset, at] of reached) expect(offset).toBe(at)
      })
    )
  })

  it('leaves the bytes of the sender alone', () => {
    const bytes = Uint8Array.of(1, 2)
    expect(new FaultInjector([{ kind: 'flip', at: 0 }]).next(bytes)).toEqual({ kind: 'bytes', bytes: Uint8Array.of(0) })
    expect(bytes).toEqual(Uint8Array.of(1, 2))
  })

  it.each([-1, 0.5])('refuses the offset %d', at => {
    expect(() => new FaultInjector([{ kind: 'cut', at }])).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})

function trace(list: Fault[], chunks: Uint8Array[]): { out: number[]; reached: Array<[number, number]> } {
  const injector = new FaultInjector(list)
  const out: number[] = []
  const reached: Array<[number, number]> = []
  for (const chunk of chunks.length === 0 ? [new Uint8Array(0)] : chunks) {
    for (let rest = chunk; ; ) {
      const step = injector.next(rest)
      if (step.kind !== 'bytes') {
        reached.push([injector.offset, step.at])
        continue
      }
      if (step.bytes.byteLength === 0) break
      out.push(...step.bytes)
      rest = rest.subarray(step.bytes.byteLength)
    }
  }
  return { out, reached }
}
