/** Components of one address. The longest in use, a relayed WebTransport address, has ten. */
export const maxComponents = 16

/** Bytes of one address. The longest value in use, an I2P destination, has under 1,000; the rest is room for paths. */
export const maxMultiaddrLength = 4096

/** Characters of one address as text: its bytes, each written as `%XX`, and the names between them. */
export const maxTextLength: number = 4 * maxMultiaddrLength

/** Bytes of a peer id or a certificate hash. Base58 takes quadratic time, and a SHA-512 multihash has only 66. */
export const maxHashLength = 128

/** Bytes of a domain name (RFC 1035, section 2.3.4), and of other names of one component. */
export const maxNameLength = 255
