/** The version of this package. */
export const version = '0.1.0'
/** What the node calls itself to other peers, before the version. */
export const name = 'weft'
