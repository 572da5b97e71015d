/** Tables and statements. A prefix is the first byte of the key's SHA2-256: a range of partitions is one of kad's key space. */

/** Sent with each batch of changes. */
export const channel = 'weft_records'
/** Rows of one statement: beyond 500 they gain nothing (measured), and each size is a statement of its own. */
export const maxRows = 256

const partitions = 16
// Any number, the same for all nodes: one of them makes the tables.
const lock = 0x77_65_66_74

/** Makes what is not there yet, in one transaction. `create table if not exists` alone fails where two nodes begin at once. */
export const createTables: string = [
  `select pg_advisory_xact_lock(${lock})`,
  `create table if not exists weft_records (
    prefix smallint not null, key bytea not null, value bytea not null, rank numeric, expires timestamptz not null,
    primary key (prefix, key)) partition by range (prefix)`,
  ...Array.from({ length: partitions }, (_, i) => {
    const width = 256 / partitions
    return `create table if not exists weft_records_${i.toString(16)} partition of weft_records
      for values from (${i * width}) to (${(i + 1) * width})`
  }),
  'create index if not exists weft_records_expires on weft_records (expires)'
].join(';')

/**
 * Writes so many rows, each only where nothing better stands, and tells the others in the same transaction. Gives the keys
 * that were written. A row without a rank replaces nothing.
 */
export function putStatement(rows: number): string {
  return `with put as (
    insert into weft_records (prefix, key, value, rank, expires)
    values ${valueRows(rows)}
    on conflict (prefix, key) do update set value = excluded.value, rank = excluded.rank, expires = excluded.expires
    where weft_records.rank <= excluded.rank or weft_records.value = excluded.value
    returning key)
  select put.key from put, (select pg_notify('${channel}', $1)) as told`
}

/** Replaces exactly the value that was compared. */
export const replaceStatement: string = `with put as (
    update weft_records set value = $4, rank = $5, expires = $6
    where prefix = $2::smallint and key = $3 and value = $7 returning key)
  select put.key from put, (select pg_notify('${channel}', $1)) as told`

export const deleteStatement: string = `with gone as (
    delete from weft_records where prefix = $2::smallint and key = $3 returning key)
  select gone.key from gone, (select pg_notify('${channel}', $1)) as told`

/** Reads so many keys. */
export function getStatement(rows: number): string {
  const list = Array.from({ length: rows }, (_, i) => `($${2 * i + 2}::smallint, $${2 * i + 3}::bytea)`).join(',')
  return `select key, value, expires from weft_records where (prefix, key) in (${list}) and expires > $1::timestamptz`
}

/** Deletes up to 1,000 rows whose time is over, found by the index. */
export const sweepStatement: string = `delete from weft_records where (prefix, key) in (
    select prefix, key from weft_records where expires <= $1::timestamptz limit 1000 for update skip locked)`

/** The parts of a list, of 2^n items each: a few statements are prepared, not one for each length. */
export function powersOfTwo<T>(items: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < items.length; ) {
    const size = Math.min(maxRows, 2 ** Math.floor(Math.log2(items.length - at)))
    parts.push(items.slice(at, at + size))
    at += size
  }
  return parts
}

function valueRows(rows: number): string {
  const row = (i: number): string => {
    const at = 5 * i + 2
    return `($${at}::smallint, $${at + 1}::bytea, $${at + 2}::bytea, $${at + 3}::numeric, $${at + 4}::timestamptz)`
  }
  return Array.from({ length: rows }, (_, i) => row(i)).join(',')
}
