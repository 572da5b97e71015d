/** The reader of a handshake: whatever is cut, asked, taken over or ended in any order, each byte comes once and in order. */
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { HandshakePipe } from '@weft/interface-crypto-channel'
import { VirtualGlobals } from '@weft/testkit/virtual-globals'

export const name = 'crypto-handshake-pipe'

// Each chunk comes by a timer of its own.
export const minimum = 500
// A step of two bytes sends up to 64 KiB, in chunks of 64 bytes at least.
export const cost = { base: 100_000, perByte: 100_000 }
const maxSteps = 24
// What it may hold before it pauses the remote, and what is under way then.
const maxHeld = 128 * 1024 + 2 * 64 * 1024

/** Two bytes a step: what is done, and with how much. What comes after the last step is taken over or given back. */
export async function fuzz(input: Uint8Array): Promise<void> {
  const globals = new VirtualGlobals()
  try {
    await run(input, () => globals.advance(1))
  } finally {
    globals.restore()
  }
}

async function run(input: Uint8Array, turn: () => Promise<void>): Promise<void> {
  const [far, near] = messageStreamPair({ maxChunk: 64 * (1 + (input[0] ?? 0)) })
  const pipe = new HandshakePipe(near)
  let sent = 0
  let got = 0
  let ended = false
  let reading: Promise<void> | undefined
  const take = (bytes: Uint8Array): void => {
    for (const byte of bytes) if (byte !== got++ % 251) throw new Error('bytes come out of order')
  }
  const failures: Error[] = []
  for (let at = 1; at + 1 < Math.min(input.byteLength, 2 * maxSteps); at += 2) {
    const [what, number] = [input[at]! % 8, input[at + 1]!]
    if (what < 4 && !ended && far.status === 'open') {
      const length = number * (what === 0 ? 256 : 8)
      const first = sent
      sent += length
      if (length > 0) far.send(Uint8Array.from({ length }, (_, i) => (first + i) % 251))
    } else if (what < 6 && reading === undefined) {
      const length = number * (what === 4 ? 64 : 1)
      reading = pipe.read(length).then(
        bytes => {
          if (bytes.byteLength !== length) throw new Error(`${length} bytes were asked for, ${bytes.byteLength} came`)
          take(bytes)
        },
        error => {
          if ((error as Error).name !== 'InvalidCryptoExchangeError') throw error
          if (!ended) throw new Error('a read fails before the end')
        }
      )
      reading.catch(error => void failures.push(error as Error)).finally(() => (reading = undefined))
    } else if (what === 6 && !ended) {
      ended = true
      void far.close()
    }
    await turn()
    if (failures.length > 0) throw failures[0]!
    const { _buffered } = pipe as unknown as { _buffered: { byteLength: number } }
    if (reading === undefined && _buffered.byteLength > maxHeld)
      throw new Error(`${_buffered.byteLength} bytes are held`)
  }
  if (reading === undefined) {
    pipe.takeOver({ onBytes: take, onDrain() {}, onEnd() {}, onClose: error => error && failures.push(error) })
    // Until all has come: a writer that waits sends on as it is read.
    for (let turns = 0; got < sent && turns < 1000; turns++) await turn()
    if (failures.length > 0) throw failures[0]!
    if (got !== sent) throw new Error(`${sent} bytes were sent, ${got} came`)
  }
  near.abort(new Error('done'))
  far.abort(new Error('done'))
  await turn()
}
