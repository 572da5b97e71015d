import { fromHex, toHex } from '@weft/bytes'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { Command } from 'commander'
import { parseAddress } from '../arguments.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import { jsonText, oneLine } from '../terminal/text.ts'

/** Takes an address apart. */
export function multiaddrCommand(io: Io): Command {
  return new Command('multiaddr')
    .description('take a multiaddr apart')
    .argument('<address>', 'a multiaddr, or the hex of one')
    .option('--json', 'print one line of JSON')
    .action((text: string, { json }: { json?: boolean }) => {
      const address = text.startsWith('/') ? parseAddress(text) : parseHex(text)
      const components = address.getComponents().map(({ code, name, value }) => ({ code, name, value }))
      const hex = toHex(address.bytes)
      if (json === true) {
        io.out(jsonText({ text: address.toString(), hex, components }))
        return
      }
      io.out(`text  ${oneLine(address.toString())}`)
      io.out(`hex   ${hex}`)
      for (const { code, name, value } of components) {
        io.out(`${`0x${code.toString(16)}`.padEnd(6)}${name.padEnd(16)}${oneLine(value ?? '')}`.trimEnd())
      }
    })
}

function parseHex(text: string): Multiaddr {
  try {
    return multiaddr(fromHex(text.replace(/^0x/, '')))
  } catch (error) {
    throw new UsageError(`"${text}" is neither a multiaddr, which begins with /, nor the hex of one`, error)
  }
}
