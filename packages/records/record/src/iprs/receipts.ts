/** When records were received first: what a time-to-live is counted from. */
import type { AbortOptions } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import type { Datastore } from 'interface-datastore'
import { Key } from 'interface-datastore/key'
import type { CID } from 'multiformats/cid'

/** Remembers when records were received. */
export interface IprsReceipts {
  /** When the record was received first, milliseconds since 1970: `now`, where it was not received before. */
  firstReceived(record: CID, now: number, options?: AbortOptions): Promise<number>
}

/** Options of `iprsReceipts`. */
export interface IprsReceiptsOptions {
  /** Where they lie. Without one they end with the process. */
  datastore?: Datastore
  /** Keys of the datastore begin with it. @default '/iprs/received' */
  prefix?: string
  /**
   * Records that are remembered, 200 bytes each. Beyond it the one that was received first is forgotten: it counts as new
   * when it comes again. @default 65536
   */
  maxReceipts?: number
}

interface Receipt {
  time: number
  written: Promise<unknown>
}

/** Receipts in a datastore, or in memory. */
export function iprsReceipts(options: IprsReceiptsOptions = {}): IprsReceipts {
  const { datastore, prefix = '/iprs/received', maxReceipts = 65_536 } = options
  if (!Number.isSafeInteger(maxReceipts) || maxReceipts < 1) {
    throw new InvalidParametersError('maxReceipts must be a whole number of 1 or more')
  }
  // In the order in which they were received.
  const receipts = new Map<string, Receipt>()
  let loading: Promise<void> | undefined

  const keyOf = (id: string): Key => new Key(`${prefix}/${id}`)

  const load = async (): Promise<void> => {
    const found: { id: string; time: number }[] = []
    for await (const { key, value } of datastore?.query({ prefix: `${prefix}/` }) ?? []) {
      const time = readTime(value)
      // What cannot be read is as never received; it is written anew when its record comes.
      if (time !== undefined) found.push({ id: key.baseNamespace(), time })
    }
    found.sort((a, b) => a.time - b.time)
    for (const { id, time } of found) receipts.set(id, { time, written: Promise.resolve() })
    await forget()
  }

  const write = async (id: string, time: number): Promise<void> => {
    await datastore?.put(keyOf(id), writeTime(time))
  }

  const forget = async (): Promise<void> => {
    for (const id of receipts.keys()) {
      if (receipts.size <= maxReceipts) return
      receipts.delete(id)
      await datastore?.delete(keyOf(id))
    }
  }

  return {
    async firstReceived(record, now) {
      loading ??= load().catch((error: unknown) => {
        loading = undefined
        throw error
      })
      await loading
      const id = record.toString()
      let receipt = receipts.get(id)
      // A clock that was set back counts from now on: nothing is valid for longer than its time from any reading.
      if (receipt === undefined || receipt.time > now) {
        const written = write(id, now)
        receipt = { time: now, written }
        receipts.set(id, receipt)
        // A receipt that was not written is not relied on.
        written.catch(() => receipts.delete(id))
      }
      await receipt.written
      await forget()
      return receipt.time
    }
  }
}

/** Milliseconds, big-endian. */
function writeTime(time: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.max(0, Math.floor(time))))
  return bytes
}

function readTime(bytes: Uint8Array): number | undefined {
  if (bytes.byteLength !== 8) return undefined
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)
  return time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : undefined
}
