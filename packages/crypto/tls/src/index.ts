/** TLS 1.3, `/tls/1.0.0`: an encrypted channel by the platform's own TLS. */
export { type Certificate, makeCertificate } from './certificate.ts'
export { CertificateError, type CertificateErrorCode, TlsError } from './errors.ts'
export { tls, type TLSComponents, type TlsInit } from './tls.ts'
export { verifyCertificate } from './verify-certificate.ts'
