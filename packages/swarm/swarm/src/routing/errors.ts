import { WeftError } from '@weft/errors'

/** The node has no peer router. */
export class NoPeerRoutersError extends WeftError {
  constructor() {
    super('NoPeerRoutersError', 'ERR_NO_PEER_ROUTERS', 'this node has no peer router')
  }
}

/** The node has no content router. */
export class NoContentRoutersError extends WeftError {
  constructor() {
    super('NoContentRoutersError', 'ERR_NO_CONTENT_ROUTERS', 'this node has no content router')
  }
}

/** A node does not look for itself. */
export class QueriedForSelfError extends WeftError {
  constructor() {
    super('QueriedForSelfError', 'ERR_QUERIED_FOR_SELF', 'a node does not look for itself')
  }
}
