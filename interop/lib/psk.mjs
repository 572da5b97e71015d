// Keys of private networks, as text, so that they can be given to a process.

/** A key file whose 32 bytes are all `byte`. */
export function pskOf(byte) {
  return `/key/swarm/psk/1.0.0/\n/base16/\n${Buffer.alloc(32, byte).toString('hex')}`
}
