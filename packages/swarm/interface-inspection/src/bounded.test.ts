import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bounded,
  clipped,
  fitting,
  inspectionOf,
  inspectSymbol,
  isInspectable,
  maxListLength,
  maxTextLength
} from './index.ts'

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength

describe('what is shown of remotes', () => {
  it('is cut where it is long', () => {
    expect(clipped('short')).toBe('short')
    expect(clipped('x'.repeat(maxTextLength))).toBe('x'.repeat(maxTextLength))
    expect(clipped('x'.repeat(maxTextLength + 1))).toBe(`${'x'.repeat(maxTextLength - 1)}…`)
  })

  it('ends a long list with what was left out', () => {
    const texts = Array.from({ length: 100 }, () => 'x'.repeat(maxTextLength))
    const shown = bounded(texts)
    expect(shown.at(-1)).toBe(`… ${100 - (shown.length - 1)} more`)
    expect(bounded(['a', 'b'])).toEqual(['a', 'b'])
  })

  it('never takes more bytes than it may, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 2000 }), { maxLength: 100 }), texts => {
        expect(bytesOf(fitting(texts, 1000))).toBeLessThanOrEqual(1002)
        expect(bytesOf(bounded(texts))).toBeLessThanOrEqual(maxListLength + 50)
      })
    )
  })
})

describe('symbols', () => {
  it('find the inspection of a node, and none where there is none', () => {
    expect(inspectionOf({})).toBe(undefined)
    expect(isInspectable({ [inspectSymbol]: () => ({}) })).toBe(true)
    for (const other of [{}, null, undefined, 1, { [inspectSymbol]: 1 }]) expect(isInspectable(other)).toBe(false)
  })
})
