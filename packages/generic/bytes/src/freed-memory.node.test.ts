import { expect, it } from 'vitest'
import { collectYoung } from './young-collections.ts'

const chunk = 64 * 1024

/** Page faults of the process while so many chunks come, are written and are dropped. */
async function faults(chunks: number): Promise<number> {
  const before = process.resourceUsage().minorPageFault
  for (let i = 0; i < chunks; i++) {
    new Uint8Array(chunk).fill(1)
    collectYoung(chunk)
    if (i % 16 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  return process.resourceUsage().minorPageFault - before
}

// Other systems' allocators keep or give back what they like.
const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header

it.skipIf(glibcVersionRuntime === undefined)(
  'has freed memory used again: few of the pages of a gibibyte of payload are new',
  async () => {
    await faults(4096)
    // Of 262,144 pages; about 1,500 are counted, and 60,000 to 140,000 without it.
    expect(await faults(16 * 1024)).toBeLessThan(16 * 1024)
  },
  30_000
)
