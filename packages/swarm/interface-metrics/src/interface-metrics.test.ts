import { describe, expect, it } from 'vitest'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { Calculations, LabelValues, TransferTally } from './index.ts'

describe('LabelValues', () => {
  it('knows the first values, and calls all others one', () => {
    const values = new LabelValues(2)
    expect(['a', 'b', 'c', 'a', 'd'].map(value => values.of(value))).toEqual(['a', 'b', 'other', 'a', 'other'])
    values.clear()
    expect(values.of('c')).toBe('c')
  })
})

describe('TransferTally', () => {
  it('gives what was added since it was last asked', () => {
    const tally = new TransferTally(1)
    const [near] = messageStreamPair()
    tally.trackConnection(near)
    near.send(new Uint8Array(3))
    expect(tally.take()).toEqual({ 'global sent': 3 })
    expect(tally.take()).toEqual({})
    near.send(new Uint8Array(4))
    expect(tally.take()).toEqual({ 'global sent': 4 })
  })

  it('holds no stream: what it keeps does not grow with them', () => {
    const tally = new TransferTally(1)
    for (const protocol of ['/a', '/b', '/c']) {
      for (let i = 0; i < 3; i++) {
        const [near] = messageStreamPair()
        tally.trackStream(Object.assign(near, { protocol }) as never)
        near.send(new Uint8Array(1))
        near.abort(new Error('done'))
      }
    }
    expect(tally.take()).toEqual({ '/a sent': 3, 'other sent': 6 })
  })
})

describe('Calculations', () => {
  it('asks in order, and goes on after one that fails', async () => {
    const errors: Error[] = []
    const calculations = new Calculations<number>(error => void errors.push(error))
    const failure = new Error('gone')
    calculations.add(() => 1)
    calculations.add(() => Promise.reject(failure))
    calculations.add(async () => 2)
    expect(await calculations.run()).toEqual([1, 2])
    expect(errors).toEqual([failure])
  })
})
