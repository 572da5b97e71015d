// Written by scripts/facade-manifest.mjs.
export type { Certificate, CertificateErrorCode, TLSComponents, TlsInit } from '@weft/tls'
export { CertificateError, TlsError, makeCertificate, tls, verifyCertificate } from '@weft/tls'
