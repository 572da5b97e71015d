/** Envelopes and the records in them: what is read is written in a form that reads the same. */
import { maxAddresses, maxEnvelopeLength, PeerRecord, RecordEnvelope } from '@weft/peer-info'

export const name = 'peer-info-envelope'

const refusals = new Set(['InvalidMessageError', 'InvalidPublicKeyError', 'UnsupportedKeyTypeError'])

export function fuzz(input: Uint8Array): void {
  const envelope = attempt(() => RecordEnvelope.createFromProtobuf(input))
  if (envelope !== undefined) {
    if (input.byteLength > maxEnvelopeLength) throw new Error('a long envelope was read')
    const again = RecordEnvelope.createFromProtobuf(envelope.marshal())
    if (!again.equals(envelope)) throw new Error('an envelope was not read back')
  }
  const record = attempt(() => PeerRecord.createFromProtobuf(envelope?.payload ?? input))
  if (record === undefined) return
  if (record.multiaddrs.length > maxAddresses) throw new Error('a record has too many addresses')
  if (!PeerRecord.createFromProtobuf(record.marshal()).equals(record)) throw new Error('a record was not read back')
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (refusals.has((error as Error).name)) return undefined
    throw error
  }
}
