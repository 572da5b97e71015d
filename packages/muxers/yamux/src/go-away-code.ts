/** Why a session ends, as the last frame of a session says (yamux specification, "GoAway"). */
export const GoAwayCode: {
  /** In peace: streams that are open go on. */
  readonly NormalTermination: 0
  /** The other side broke the rules of yamux. */
  readonly ProtocolError: 1
  /** This side failed. */
  readonly InternalError: 2
} = { NormalTermination: 0, ProtocolError: 1, InternalError: 2 }

/** One of the codes. */
export type GoAwayCode = (typeof GoAwayCode)[keyof typeof GoAwayCode]
