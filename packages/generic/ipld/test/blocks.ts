import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

/** A block store of a test: what was put, by CID. */
export class Blocks {
  readonly stored = new Map<string, Uint8Array>()
  /** CIDs that were asked for, in order. */
  readonly asked: string[] = []

  put(cid: CID, bytes: unknown): CID {
    this.stored.set(cid.toString(), new Uint8Array(bytes as Uint8Array))
    return cid
  }

  async *get(cid: CID): AsyncGenerator<Uint8Array> {
    this.asked.push(cid.toString())
    const bytes = this.stored.get(cid.toString())
    if (bytes === undefined) throw Object.assign(new Error(`no ${cid.toString()}`), { name: 'NotFoundError' })
    yield bytes
  }

  /** Stores bytes as they are. */
  async raw(bytes: Uint8Array): Promise<CID> {
    return this.put(CID.createV1(raw.code, await sha256.digest(bytes)), bytes)
  }

  /** Stores data as dag-cbor. */
  async cbor(data: unknown): Promise<CID> {
    return this.bytes(dagCbor.encode(data))
  }

  /** Stores bytes under a CID of dag-cbor, whatever they are. */
  async bytes(bytes: Uint8Array, code: number = dagCbor.code): Promise<CID> {
    return this.put(CID.createV1(code, await sha256.digest(bytes)), bytes)
  }
}
