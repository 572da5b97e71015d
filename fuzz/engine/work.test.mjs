// Runs alone: what is tested counts what every typed array copies.
import { expect, it } from 'vitest'
import { Work } from './work.mjs'

const work = new Work()
const branches = globalThis.__branchesOf(2)

function excessOf(length, run, cost = {}) {
  work.reset()
  run()
  return work.excess(length, cost)
}

it('what grows with the length of an input costs no more than it may, what grows with its square does', () => {
  const linear = () => {
    for (let i = 0; i < 2048; i++) branches[0]++
  }
  const square = () => {
    for (let i = 0; i < 2048 * 2048; i++) branches[1]++
  }
  expect(excessOf(2048, linear)).toBeUndefined()
  expect(excessOf(2048, square)).toBe(
    `2048 bytes cost ${2048 * 2048} units of work, at most ${50_000 + 200 * 2048} are right`
  )
  expect(work.costliest).toEqual({ units: 2048 * 2048, length: 2048 })
  expect(excessOf(2048, square, { base: 0, perByte: 2048 })).toBeUndefined()
})

it('copied bytes are part of the cost', () => {
  const bytes = new Uint8Array(16_000)
  const copy = () => {
    bytes.set(bytes.slice())
  }
  expect(excessOf(0, copy, { base: 1999 })).toContain('2000 units')
  expect(excessOf(0, copy, { base: 2000 })).toBeUndefined()
})
