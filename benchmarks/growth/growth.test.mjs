import { VirtualClock } from '@weft/testkit'
import { describe, expect, it } from 'vitest'
import { ceiling, svg } from './chart.mjs'
import { DelayLine } from './delay-line.mjs'
import { keyOf, pointOf, questions, stepsOf } from './plan.mjs'
import { markdown } from './table.mjs'

const run = {
  names: ['streams', 'connections'],
  impls: ['weft', 'js'],
  titles: { weft: 'weft 1', js: 'js <2>' },
  points: { streams: [1, 1000], connections: [1, 100, 1000] },
  medians: {
    [keyOf('streams', 1, 'weft', 'throughput')]: 1234.4,
    [keyOf('streams', 1000, 'weft', 'throughput')]: 617.2,
    [keyOf('streams', 1, 'js', 'throughput')]: 100,
    [keyOf('connections', 1, 'weft', 'heapServer')]: 9_999_999,
    [keyOf('connections', 100, 'weft', 'heapServer')]: 20,
    [keyOf('connections', 1000, 'weft', 'heapServer')]: 15
  },
  failed: { [pointOf('streams', 1000, 'js')]: 'streams: not done within 60000 ms' },
  conditions: ['One machine.', 'Medians of 3.']
}

describe('the growth of costs', () => {
  it('takes fresh processes for each point, but the same for all connections', () => {
    expect(stepsOf(['messages', 'connections'], { points: 2 })).toEqual([
      { question: 'messages', points: [32] },
      { question: 'messages', points: [1024] },
      { question: 'connections', points: [1, 100] }
    ])
    expect(stepsOf(['latency']).map(({ points }) => points)).toEqual([[0], [10], [50], [100], [200]])
  })

  it('asks each question for ever larger amounts, and bounds the time of each', () => {
    for (const { points, limitMs } of Object.values(questions)) {
      expect(points).toEqual(points.toSorted((a, b) => a - b))
      for (const point of points) expect(limitMs(point)).toBeGreaterThan(0)
    }
  })

  it('writes a table in which what failed is a dash, and its reason below', () => {
    const lines = markdown(run).split('\n')
    expect(lines[0]).toBe('One machine. Medians of 3.')
    expect(lines).toContain('### Throughput over the streams of one connection')
    expect(lines).toContain('| streams | weft 1: throughput, MB/s | js <2>: throughput, MB/s |')
    const cells = lines.filter(line => line.startsWith('| 1')).map(line => line.split('|').map(cell => cell.trim()))
    expect(cells[0].slice(1, -1)).toEqual(['1', '1,234', '100'])
    expect(cells[1].slice(1, -1)).toEqual(['1,000', '617', '-'])
    expect(lines).toContain('- js <2>, 1,000 streams: streams: not done within 60000 ms')
  })

  it('names the chart of a question that has one', () => {
    expect(markdown(run)).not.toContain('![')
    expect(markdown(run, { streams: 'a.svg' })).toContain('![Throughput over the streams of one connection](a.svg)')
  })

  it('draws a line through what was measured, and names as text', () => {
    const drawn = svg('streams', run)
    expect(drawn).toContain('js &lt;2&gt;')
    // the scale ends at 2,000: 1,234.4 and 617.2 of 150 units over a base of 220
    expect(drawn).toContain('<path d="M64.0 127.4L504.0 173.7" fill="none"')
    expect(drawn.match(/<circle/g)).toHaveLength(3)
    expect(drawn.match(/fill="none"/g)).toHaveLength(1)
  })

  it('leaves out of a chart what one connection makes of garbage collection', () => {
    const drawn = svg('connections', run)
    expect(drawn.match(/<circle/g)).toHaveLength(2)
    expect(drawn.match(/<path [^>]*fill="none"/g)).toHaveLength(1)
    expect(drawn).toContain('>20</text>')
  })

  it('ends a scale at a round number', () => {
    const ends = [0, 0.3, 1, 1.01, 20, 21, 617, 1000, 1001].map(ceiling)
    expect(ends).toEqual([1, 0.5, 1, 2, 20, 50, 1000, 1000, 2000])
  })
})

describe('the delay line', () => {
  const line = latency => {
    const clock = new VirtualClock()
    const out = []
    const delays = new DelayLine(latency, chunk => out.push([clock.now, chunk?.byteLength]), clock)
    return { clock, out, delays }
  }

  it('gives each chunk, and the end, when its own time has come', () => {
    const { clock, out, delays } = line(50)
    delays.push(new Uint8Array(3))
    clock.advance(20)
    delays.push(new Uint8Array(4))
    delays.push(undefined)
    expect(delays.bytes).toBe(7)
    clock.advance(49)
    expect(delays.bytes).toBe(4)
    clock.advance(1)
    expect(out).toEqual([
      [50, 3],
      [70, 4],
      [70, undefined]
    ])
    expect(delays.bytes).toBe(0)
  })

  it('has no timer where there is no latency', () => {
    const { clock, out, delays } = line(0)
    delays.push(new Uint8Array(3))
    expect(out).toEqual([[0, 3]])
    expect(clock.nextAt).toBeUndefined()
  })
})
