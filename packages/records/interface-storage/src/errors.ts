import { type ErrorGuard, guardOf, WeftError } from '@weft/errors'

/** A key of that name is there already. js-libp2p's keychain has this name. */
export class KeyExistsError extends WeftError {
  constructor(name: string) {
    super('KeyExistsError', 'ERR_KEY_EXISTS', `there is a key named "${name}" already`, { facts: { keyName: name } })
  }
}

/** Whether a key was not stored because its name is taken. */
export const isKeyExistsError: ErrorGuard = /* @__PURE__ */ guardOf('KeyExistsError')
