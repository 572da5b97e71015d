import { type ErrorGuard, guardOf, WeftError } from '@weft/errors'

/** Another process, or another `createRepo` of this one, has the repository open. */
export class LockedError extends WeftError {
  /** `pid` is the holder's process id, where it is known. */
  constructor(folder: string, pid: number | undefined, options: { cause?: unknown } = {}) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`
    super('LockedError', 'ERR_REPO_LOCKED', `${folder} is in use by ${holder}`, { ...options, facts: { folder, pid } })
  }
}

/** Whether a repository could not be opened because somebody has it open. */
export const isLockedError: ErrorGuard = /* @__PURE__ */ guardOf('LockedError')

/** Stored data are damaged or missing. `file` says where, `remedy` what to do. */
export class DataLossError extends WeftError {
  constructor(file: string, what: string, remedy: string, options: { cause?: unknown } = {}) {
    super('DataLossError', 'ERR_DATA_LOSS', `${file}: ${what}; ${remedy}`, { ...options, facts: { file, remedy } })
  }
}

/** Whether stored data turned out to be damaged or missing. */
export const isDataLossError: ErrorGuard = /* @__PURE__ */ guardOf('DataLossError')

/** A folder holds a repository that this version does not open, or none. `remedy` says what does. */
export class UnsupportedRepoError extends WeftError {
  constructor(folder: string, what: string, remedy: string) {
    super('UnsupportedRepoError', 'ERR_UNSUPPORTED_REPO', `${folder}: ${what}; ${remedy}`, {
      facts: { folder, remedy }
    })
  }
}

/** Whether a folder holds a repository of a kind or version that is not read. */
export const isUnsupportedRepoError: ErrorGuard = /* @__PURE__ */ guardOf('UnsupportedRepoError')

/** A key file does not open with this passphrase, or was changed. */
export class WrongPassphraseError extends WeftError {
  constructor(keyName: string) {
    super('WrongPassphraseError', 'ERR_WRONG_PASSPHRASE', `the key "${keyName}" does not open with this passphrase`, {
      facts: { keyName }
    })
  }
}

/** Whether a key did not open because the passphrase is another one. */
export const isWrongPassphraseError: ErrorGuard = /* @__PURE__ */ guardOf('WrongPassphraseError')
