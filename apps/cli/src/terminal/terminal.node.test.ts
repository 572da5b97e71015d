import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Column, renderTable } from './table.ts'
import { terminalOf } from './terminal.ts'
import { clip, duration, jsonText, narrow, oneLine, shorten, wrap } from './text.ts'

/** Anything, with what terminals obey more often than by chance. */
const wild = fc.oneof(
  fc.array(fc.nat({ max: 0xffff })).map(units => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom('\u001b[2J', '\r', '\n', '\u009b1m', '\u202e', '\u200b', '界', '👩‍👩‍👧', 'e\u0301', 'é', 'x', ' ')
    )
    .map(parts => parts.join(''))
)
/** What `narrow` may leave: each takes one column wherever it is shown. */
const plain = /^[\x20-\x7e…\u00aa-\u052f]*$/

describe('text for a terminal', () => {
  it('holds nothing that a terminal obeys', () => {
    expect(oneLine('a\u001b[2J\u009b1m\u202eb\n c')).toBe('a[2J1mb c')
    fc.assert(
      fc.property(wild, fc.nat({ max: 20 }), (text, width) => {
        expect(oneLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
        for (const cut of [clip, shorten]) {
          const part = cut(narrow(text), width)
          expect(part).toMatch(plain)
          expect(part.length).toBeLessThanOrEqual(width)
        }
        const json = jsonText({ text, [text]: text })
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
        expect(JSON.parse(json)).toEqual({ text, [text]: text })
      })
    )
  })

  it('is shortened at its end or in its middle', () => {
    expect(narrow('née 界 x')).toBe('née ? x')
    expect([clip('abcdef', 6), clip('abcdef', 4), clip('abcdef', 0)]).toEqual(['abcdef', 'abc…', ''])
    expect([shorten('abcdef', 6), shorten('abcdef', 5), shorten('abcdef', 2)]).toEqual(['abcdef', 'ab…ef', 'a…'])
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('onetwothree', 4)).toEqual(['onet', 'woth', 'ree'])
  })

  it('tells times in few columns', () => {
    const times = [0, 0.44, 9.96, 48.2, 999.6, 1200, 99_949, 100_000, 7_200_000, 172_800_000]
    const texts = ['0.0 ms', '0.4 ms', '10 ms', '48 ms', '1.0 s', '1.2 s', '99.9 s', '2 min', '2 h', '2 d']
    expect(times.map(duration)).toEqual(texts)
  })
})

describe('a table', () => {
  interface Row {
    peer: string
    address: string
    age: number
    tags: string
  }
  const columns: Array<Column<Row>> = [
    { title: 'peer', value: ({ peer }) => peer, least: 8 },
    { title: 'address', value: ({ address }) => address, least: 12 },
    { title: 'age', value: ({ age }) => duration(age), right: true },
    { title: 'tags', value: ({ tags }) => tags, rank: 1 }
  ]
  const rows: Row[] = [
    {
      peer: '12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v',
      address: '/ip4/127.0.0.1/tcp/4001',
      age: 3,
      tags: ''
    },
    { peer: '12D3KooW', address: '/ip6/::1/tcp/1', age: 61_000, tags: 'keep-alive=50' }
  ]

  it('is in full where there is room', () => {
    expect(renderTable(columns, rows, Number.POSITIVE_INFINITY)).toEqual([
      'peer                                                  address                     age  tags',
      '12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v  /ip4/127.0.0.1/tcp/4001  3.0 ms  -',
      '12D3KooW                                              /ip6/::1/tcp/1           61.0 s  keep-alive=50'
    ])
  })

  it('shortens what may be shortened, then leaves columns out, and says so', () => {
    expect(renderTable(columns, rows, 60)).toEqual([
      'peer               address                age  tags',
      '12D3KooW…wgsVXm4v  /ip4/127.…tcp/4001  3.0 ms  -',
      '12D3KooW           /ip6/::1/tcp/1      61.0 s  keep-alive=50'
    ])
    expect(renderTable(columns, rows, 40)).toEqual([
      'peer             address             age',
      '12D3Koo…gsVXm4v  /ip4/12…cp/4001  3.0 ms',
      '12D3KooW         /ip6/::1/tcp/1   61.0 s',
      '(no room for tags: --json has all)'
    ])
  })

  it('has prose in more lines', () => {
    const prose: Array<Column<string>> = [
      { title: 'n', value: ({ length }) => String(length), right: true },
      { title: 'reason', value: text => text, least: 10, prose: true }
    ]
    expect(renderTable(prose, ['one two three', 'four'], 14)).toEqual([
      ' n  reason',
      '13  one two',
      '    three',
      ' 4  four'
    ])
  })

  it('is never wider than the terminal, whatever peers say', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ peer: wild, address: wild, age: fc.nat(), tags: wild }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 150 }),
        (some, width) => {
          const notes = { title: 'notes', value: ({ tags }: Row) => tags, least: 5, prose: true }
          const lines = renderTable([...columns, notes], some, width)
          expect(lines.filter(line => line.length > width || !plain.test(line))).toEqual([])
        }
      )
    )
  })
})

describe('the terminal', () => {
  class Screen extends EventEmitter {
    isTTY = true
    columns = 100
    rows = 0
    written = ''
    write(text: string): void {
      this.written += text
    }
  }

  it('draws in place of what was drawn', () => {
    const screen = new Screen()
    const terminal = terminalOf(screen as any, {})!
    terminal.redraw(['a', 'b'])
    terminal.redraw(['c'])
    terminal.redraw([])
    expect(screen.written).toBe('a\nb\n\u001b[2A\r\u001b[Jc\n\u001b[1A\r\u001b[J')
    expect([terminal.columns(), terminal.rows()]).toEqual([100, 24])
  })

  it('has colours unless they are not wanted', () => {
    const coloured = (environment: NodeJS.ProcessEnv): boolean | undefined =>
      terminalOf(new Screen() as any, environment)?.colours
    expect(coloured({})).toBe(true)
    expect(coloured({ NO_COLOR: '' })).toBe(true)
    expect(coloured({ NO_COLOR: '0' })).toBe(false)
    expect(coloured({ TERM: 'dumb' })).toBe(false)
    expect(terminalOf({ isTTY: false } as any, {})).toBeUndefined()
  })
})
