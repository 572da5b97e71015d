// What peers did before SECIO: nothing is encrypted and nothing proves who they are. They count as `remotePeer`.
import { peerIdFromString } from '@weft/peer-id'
import { spdy } from '@weft/spdy'

/** A channel whose handshake is its name. */
const unproved =
  (protocol, streamMuxer) =>
  ({ remotePeer }) =>
  () => {
    const secured = connection => ({ connection, remotePeer: peerIdFromString(remotePeer), streamMuxer })
    return {
      protocol,
      secureInbound: async connection => secured(connection),
      secureOutbound: async connection => secured(connection)
    }
  }

/** Of 2016 to 2018. */
export const earlyPlaintext = unproved('/plaintext/1.0.0')

/** Of 2015: there is no channel, so the first name that is agreed on is the muxer's. */
export const noChannel = unproved('/spdy/3.1.0', spdy()())
