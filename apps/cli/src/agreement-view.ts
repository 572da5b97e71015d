/** How a connection shows its channel and its muxer, and how they were agreed on. */
import type { Connection } from '@libp2p/interface'
import { agreementOf } from '@weft/libp2p'

const hows = {
  'multistream-select': 'by multistream-select',
  handshake: 'in the handshake of the channel',
  transport: 'given by the transport'
}

/** For programs: names, and `agreed` with how. */
export function agreedParts(connection: Connection): Record<string, unknown> {
  const { encryption, multiplexer } = connection
  return { encryption, multiplexer, agreed: agreementOf(connection) }
}

/** For people: one text each. */
export function agreedTexts(connection: Connection): Record<string, string | undefined> {
  const agreed = agreementOf(connection)
  const text = (name: string | undefined, how: keyof typeof hows | undefined): string | undefined =>
    name === undefined || how === undefined ? name : `${name}, ${hows[how]}`
  return {
    encryption: text(connection.encryption, agreed?.encryption),
    multiplexer: text(connection.multiplexer, agreed?.multiplexer)
  }
}
