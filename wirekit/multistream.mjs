// multistream-select by hand.
import { concat, encodeLengthPrefixed, fromUtf8 } from '@weft/bytes'

/** A line. */
export function line(text) {
  return encodeLengthPrefixed(fromUtf8(`${text}\n`))
}

/** The header and the proposal of one protocol. */
export function proposal(protocol) {
  return concat([line('/multistream/1.0.0'), line(protocol)])
}
