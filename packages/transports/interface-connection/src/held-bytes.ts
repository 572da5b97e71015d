import type { ConnectionScope } from '@weft/resources'
import { connectionScopeOf } from './resource-scope.ts'

// Who has not proved an identity is given little credit: no handshake has messages of more than 64 KiB. Bytes.
const maxOfUnknown = 1024 * 1024

/**
 * Bytes of a connection that whoever reads it collects and cannot hand on yet, in the account of the connection if it has
 * one.
 */
export class HeldBytes {
  private readonly _scope: ConnectionScope | undefined
  private _charged = 0

  /** @param connection - raw or secured */
  constructor(connection: object) {
    this._scope = connectionScopeOf(connection)
  }

  /**
   * So many are held from now on. Throws `ResourceLimitError`, and changes nothing, if there is no room for them, or if they
   * are more than 1 MiB of a remote that has not been authenticated.
   */
  set(bytes: number): void {
    const scope = this._scope
    const more = bytes - this._charged
    if (scope === undefined || more === 0) return
    if (more < 0) scope.release('memory', -more)
    else {
      if (bytes > maxOfUnknown && scope.peer === '') throw scope.refusal('memory', more)
      scope.reserve('memory', more)
    }
    this._charged = bytes
  }
}
