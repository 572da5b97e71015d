/** SECIO, `/secio/1.0.0`: the encrypted channel of libp2p before Noise and TLS, for peers of that time. */
export { SecioError, type SecioErrorCode } from './errors.ts'
export { secio, type SecioComponents, type SecioInit } from './secio.ts'
