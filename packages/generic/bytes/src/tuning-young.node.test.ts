import { constants, PerformanceObserver } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { collectYoung } from './tuning.node.ts'

const chunk = 64 * 1024
const chunks = 16 * 1024

it('has young objects collected while a gibibyte of payload comes', async () => {
  let young = 0
  const observer = new PerformanceObserver(list => {
    for (const { detail } of list.getEntries() as unknown as Array<{ detail: { kind: number } }>) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) young++
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  const turn = async (): Promise<void> => new Promise(resolve => setImmediate(resolve))
  let read = 0
  for (let i = 0; i < chunks; i++) {
    read += new Uint8Array(chunk).byteLength
    collectYoung(chunk)
    if (i % 64 === 0) await turn()
  }
  await turn()
  await turn()
  observer.disconnect()
  expect(read).toBe(chunk * chunks)
  // A quarter of it is heap, and no young space is larger than 32 MiB.
  expect(young).toBeGreaterThanOrEqual(8)
}, 30_000)
