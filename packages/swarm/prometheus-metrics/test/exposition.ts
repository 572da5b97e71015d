/**
 * A strict reader of Prometheus' text format 0.0.4: everything that the format does not allow is an error, and what
 * promtool's `check metrics` finds wrong with the order of lines, types and labels too.
 */
import type { Sample } from '@weft/interface-metrics/compliance'

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: Sample[]
}

const types = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped'])
const nameOf = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const number = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN|Nan)$/

/** All families, by name. Throws an `Error` that names the line. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const families = new Map<string, Family>()
  const helps = new Map<string, string>()
  const seen = new Set<string>()
  let current: Family | undefined
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${i + 1}: ${why}: ${line}`)
    }
    if (line === '') continue
    const help = /^# HELP (\S+) (.*)$/.exec(line)
    if (help !== null) {
      if (!nameOf.test(help[1]!)) fail('no name')
      if (helps.has(help[1]!)) fail('a second help')
      helps.set(help[1]!, help[2]!)
      continue
    }
    const type = /^# TYPE (\S+) (\S+)$/.exec(line)
    if (type !== null) {
      const name = type[1]!
      if (!types.has(type[2]!)) fail('no type')
      if (families.has(name)) fail('a second type')
      current = { name, help: helps.get(name) ?? fail('a type without help'), type: type[2]!, samples: [] }
      families.set(name, current)
      continue
    }
    if (line.startsWith('#')) fail('neither help nor type')
    const sample = parseSample(line, fail)
    if (current === undefined || !belongs(current, sample)) fail('a sample outside its family')
    const key = `${sample.name}${JSON.stringify(
      Object.keys(sample.labels)
        .sort()
        .map(label => [label, sample.labels[label]])
    )}`
    if (seen.has(key)) fail('a second sample with these labels')
    seen.add(key)
    if (current!.type === 'counter' && !(sample.value >= 0)) fail('a counter below 0')
    current!.samples.push(sample)
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family)
  return families
}

/** All samples of a text. */
export function samplesOf(text: string): Sample[] {
  return [...parseExposition(text).values()].flatMap(({ samples }) => samples)
}

function belongs({ name, type }: Family, sample: Sample): boolean {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample.name)
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`].includes(sample.name)
  return sample.name === name
}

function parseSample(line: string, fail: (why: string) => never): Sample {
  const [, name, , list, value] = /^([^\s{]+)(\{(.*)\})? (\S+)$/.exec(line) ?? fail('no sample')
  if (!nameOf.test(name!)) fail('no name')
  if (!number.test(value!)) fail('no number')
  const labels: Record<string, string> = {}
  let rest = list ?? ''
  while (rest !== '') {
    const [all, label, quoted] = /^([^=]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest) ?? fail('no label')
    if (!labelName.test(label!)) fail('no name of a label')
    if (Object.hasOwn(labels, label!)) fail('a label twice')
    labels[label!] = quoted!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(all!.length)
  }
  return { name: name!, labels, value: Number(value!.replace('Inf', 'Infinity')) }
}

/** Buckets are cumulative, end in +Inf, and agree with the count. */
function checkHistogram({ name, samples }: Family): void {
  const groups = new Map<string, Array<[number, number]>>()
  for (const sample of samples.filter(candidate => candidate.name === `${name}_bucket`)) {
    const { le, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    groups.set(key, [...(groups.get(key) ?? []), [Number(le?.replace('Inf', 'Infinity')), sample.value]])
  }
  for (const [key, buckets] of groups) {
    const sorted = buckets.toSorted(([a], [b]) => a - b)
    const rising = sorted.every(([, count], i) => i === 0 || count >= sorted[i - 1]![1])
    const count = samples.find(sample => sample.name === `${name}_count` && JSON.stringify(sample.labels) === key)
    if (rising && sorted.at(-1)?.[0] === Number.POSITIVE_INFINITY && count?.value === sorted.at(-1)?.[1]) continue
    throw new Error(`${name}${key}: the buckets do not add up`)
  }
}
