/** Plaintext, `/plaintext/2.0.0`: no encryption, on request only. */
export { plaintext, type PlaintextComponents, type PlaintextInit } from './plaintext.ts'
