import { PeerRecord, RecordEnvelope } from '@weft/peer-info'
import type { Entry } from './entry.ts'

/** Whether a record of this number is newer than the one that is stored. */
export function isNewer(seqNumber: bigint, stored: Entry | undefined): boolean {
  const envelope = stored?.peerRecordEnvelope
  if (envelope === undefined) return true
  try {
    return PeerRecord.createFromProtobuf(RecordEnvelope.createFromProtobuf(envelope).payload).seqNumber < seqNumber
  } catch {
    // What was stored is no record, so anything is newer.
    return true
  }
}
