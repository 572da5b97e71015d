import { describe, expect, it } from 'vitest'
import { replaceBetween } from '../markdown.mjs'
import { svg } from './chart.mjs'
import { keyOf, median, nextBytes, pairsOf } from './plan.mjs'
import { markdown } from './table.mjs'

const run = {
  pairs: [['weft', 'go']],
  titles: { weft: 'weft 1', go: 'go <2>' },
  medians: { [keyOf('weft', 'go', 'noise', 'upload')]: 1234.4, [keyOf('weft', 'go', 'tls', 'roundTrip')]: 0.456 },
  conditions: ['One machine.', 'Medians of 3.']
}

describe('the comparison of peers', () => {
  it('measures each with itself, and the first with the others both ways', () => {
    const pairs = pairsOf(['weft', 'js', 'go']).map(pair => pair.join())
    expect(pairs).toEqual(['weft,weft', 'js,js', 'go,go', 'weft,js', 'js,weft', 'weft,go', 'go,weft'])
    expect(pairsOf(['weft'])).toEqual([['weft', 'weft']])
  })

  it('takes more bytes until a transfer is long enough', () => {
    expect(nextBytes(65_536, 3, 3)).toBeUndefined()
    expect(nextBytes(65_536 * 10, 2, 3)).toBe(65_536 * 18)
    expect(nextBytes(65_536, 0.001, 3)).toBe(65_536 * 8)
    for (let seconds = 2.999; seconds > 0.01; seconds /= 2)
      expect(nextBytes(65_536, seconds, 3)).toBeGreaterThan(65_536)
  })

  it('takes the median by size, and leaves the list as it is', () => {
    const list = [10, 9, 100]
    expect(median(list)).toBe(10)
    expect(list).toEqual([10, 9, 100])
  })

  it('writes a table in which what was not measured is a dash', () => {
    const [conditions, , head, , row] = markdown(run).split('\n')
    expect(conditions).toBe('One machine. Medians of 3.')
    expect(head).toContain('noise upload, MB/s')
    expect(row.split('|').map(cell => cell.trim())).toEqual([
      '',
      'weft 1 > go <2>',
      '1,234',
      '-',
      '-',
      '-',
      '-',
      '-',
      '-',
      '0.46',
      ''
    ])
  })

  it('says what the command takes where that was measured', () => {
    expect(markdown(run)).not.toContain('weft ping')
    expect(
      markdown({ ...run, command: { published: 123.4, source: 400 } })
        .split('\n')
        .at(-1)
    ).toBe(
      '`weft ping`, from the start of its process to the answer: 123 ms as it is published, 400 ms from the source tree.'
    )
  })

  it('replaces what is between the marks of a document, however often', () => {
    const marks = ['<!-- a -->', '<!-- b -->']
    const once = replaceBetween('x\n<!-- a -->\nold\n<!-- b -->\ny', marks, 'new')
    expect(once).toBe('x\n<!-- a -->\n\nnew\n<!-- b -->\ny')
    expect(replaceBetween(once, marks, 'new')).toBe(once)
    expect(() => replaceBetween('no marks', marks, 'new')).toThrow('<!-- a -->')
  })

  it('draws a bar for each figure, and names as text', () => {
    const drawn = svg(run)
    expect(drawn.match(/width="460.0"/g)).toHaveLength(1)
    expect(drawn).toContain('weft 1 &gt; go &lt;2&gt;')
    expect(drawn).toContain('>1234</text>')
  })
})
