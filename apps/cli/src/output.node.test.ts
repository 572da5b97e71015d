import { describe, expect, it } from 'vitest'
import { CommandError } from './errors.ts'
import { describe as inOneLine } from './explain.ts'
import { byteText, print } from './output.ts'
import { ProgressBar } from './progress-bar.ts'

describe('output', () => {
  it('draws how far a transfer is', () => {
    const drawn: string[] = []
    const bar = new ProgressBar({ draw: (text: string) => void drawn.push(text) } as any, 'upload', 2000)
    bar.add(500, 0.5)
    bar.add(1500, 0.5)
    bar.clear()
    expect(drawn).toEqual([
      `upload [${'#'.repeat(7)}${'.'.repeat(23)}] 25 % of 2.0 kB 1.0 kB/s`,
      `upload [${'#'.repeat(30)}] 100 % of 2.0 kB 2.0 kB/s`,
      ''
    ])
    expect(byteText(3_500_000_000)).toBe('3.5 GB')
  })

  it('tells errors without what a terminal obeys', () => {
    expect(inOneLine(new CommandError('a\n\u001b[2Jb', new Error('x')))).toBe('a [2Jb')
    const cause = Object.assign(new Error('below'), { code: 'ENOSPC' })
    expect(inOneLine(new Error('above', { cause }))).toMatch(/^above \(ENOSPC, the disk is full: /)
    expect(inOneLine('text')).toBe('text')
  })

  it('prints names in columns, or JSON', () => {
    const lines: string[] = []
    const io = { out: (line: string) => void lines.push(line) } as any
    const result = { id: 'x', addresses: ['a', 'b'], none: [], absent: undefined }
    print(io, false, result)
    print(io, true, result)
    expect(lines).toEqual([
      'id         x',
      'addresses  a',
      '           b',
      'none       -',
      '{"id":"x","addresses":["a","b"],"none":[]}'
    ])
  })
})
