import { describe, expect, it } from 'vitest'
import { parseExposition, samplesOf } from './exposition.ts'

const head = '# HELP a b\n# TYPE a gauge\n'

describe('the reader of the text format', () => {
  it('reads names, labels, escapes and numbers', () => {
    expect(samplesOf(`${head}a{x="1\\"\\\\\\n",y="}"} -1.5e3\na +Inf\n`)).toEqual([
      { name: 'a', labels: { x: '1"\\\n', y: '}' }, value: -1500 },
      { name: 'a', labels: {}, value: Number.POSITIVE_INFINITY }
    ])
  })

  it.each([
    ['no end', head.trimEnd()],
    ['no type', '# HELP a b\n# TYPE a thing\n'],
    ['no help', '# TYPE a gauge\n'],
    ['a bad name', '# HELP 1a b\n# TYPE 1a gauge\n'],
    ['a bad label', `${head}a{1x="y"} 1\n`],
    ['an open label', `${head}a{x="y} 1\n`],
    ['a label twice', `${head}a{x="y",x="z"} 1\n`],
    ['a sample twice', `${head}a 1\na 1\n`],
    ['no number', `${head}a one\n`],
    ['a sample of another family', `${head}b 1\n`],
    ['a family twice', `${head}${head}`],
    ['a falling counter', '# HELP a b\n# TYPE a counter\na -1\n'],
    ['buckets that fall', '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_count 1\n'],
    ['buckets without an end', '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_count 2\n'],
    ['another count', '# HELP a b\n# TYPE a histogram\na_bucket{le="+Inf"} 2\na_count 1\n']
  ])('refuses %s', (_, text) => {
    expect(() => parseExposition(text)).toThrow()
  })
})
