/** Bytes in the longest line, with its newline: no protocol name comes near it. */
export const maxLineLength: number = 1024

/** Proposals that a listener answers in one negotiation: dialers offer a handful, and each costs an answer. */
export const maxProposals: number = 32

/** Protocols whose lines are kept encoded: more than one node speaks. */
export const maxCachedLines: number = 256
