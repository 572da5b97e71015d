/** What a twin makes of a private or a public key. A signature has the form that the twin's functions state. */
export type Signer = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>
export type Verifier = (message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>

/** The same where every runtime is synchronous. */
export type SyncSigner = (message: Uint8Array) => Uint8Array
export type SyncVerifier = (message: Uint8Array, signature: Uint8Array) => boolean
