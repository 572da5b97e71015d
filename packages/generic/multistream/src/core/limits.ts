/** Maximum length of a line in bytes, with its newline: far above any protocol name. */
export const maxLineLength: number = 1024

/** Proposals that a listener answers in one negotiation: dialers offer a handful, and each costs an answer. */
export const maxProposals: number = 32

/** Protocols whose encoded lines are cached: more than a node has. */
export const maxCachedLines: number = 256
