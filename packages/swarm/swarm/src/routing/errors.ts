import { WeftError } from '@weft/errors'

/** The node has no peer router. */
export class NoPeerRoutersError extends WeftError {
  constructor() {
    super('NoPeerRoutersError', 'ERR_NO_PEER_ROUTERS', 'this node has no peer router')
  }
}

/** The node has no content router, or none that can do what is asked. */
export class NoContentRoutersError extends WeftError {
  constructor(message: string = 'this node has no content router') {
    super('NoContentRoutersError', 'ERR_NO_CONTENT_ROUTERS', message)
  }
}

/** A node does not look for itself. */
export class QueriedForSelfError extends WeftError {
  constructor() {
    super('QueriedForSelfError', 'ERR_QUERIED_FOR_SELF', 'a node does not look for itself')
  }
}
