/** The multicodec table (multiformats/multicodec). It is parsed at the first lookup, not at import. */
import { table } from './table.data.ts'

/** Whether a code may still change. */
export type MulticodecStatus = 'permanent' | 'draft' | 'deprecated'

/** A row of the table. */
export interface MulticodecEntry {
  /** Such as `sha2-256`; no two rows share one. */
  readonly name: string
  /** The kind, such as `multihash`, `multiaddr`, `ipld`, `key`. */
  readonly tag: string
  /** The code; no two rows share one. */
  readonly code: number
  /** Whether the code may still change. */
  readonly status: MulticodecStatus
  /** May be empty. */
  readonly description: string
}

const statuses: Readonly<Record<string, MulticodecStatus>> = { p: 'permanent', d: 'draft', x: 'deprecated' }

interface Index {
  all: readonly MulticodecEntry[]
  byName: ReadonlyMap<string, MulticodecEntry>
  byCode: ReadonlyMap<number, MulticodecEntry>
}

let parsed: Index | undefined

/** The code of a name; `undefined` where the table has none. */
export function codeOf(name: string): number | undefined {
  return index().byName.get(name)?.code
}

/** The name of a code; `undefined` where the table has none. */
export function nameOf(code: number): string | undefined {
  return index().byCode.get(code)?.name
}

/** The row of a name or code; `undefined` where the table has none. */
export function entryOf(nameOrCode: string | number): MulticodecEntry | undefined {
  const { byName, byCode } = index()
  return typeof nameOrCode === 'string' ? byName.get(nameOrCode) : byCode.get(nameOrCode)
}

/** All rows in the order of their codes. */
export function entries(): readonly MulticodecEntry[] {
  return index().all
}

function index(): Index {
  if (parsed !== undefined) return parsed
  const all = Object.freeze(table.split('\n').map(parse))
  parsed = {
    all,
    byName: new Map(all.map(entry => [entry.name, entry])),
    byCode: new Map(all.map(entry => [entry.code, entry]))
  }
  return parsed
}

function parse(line: string): MulticodecEntry {
  const [name = '', tag = '', code = '', status = '', description = ''] = line.split(',')
  return Object.freeze({ name, tag, code: Number.parseInt(code, 16), status: statuses[status]!, description })
}
