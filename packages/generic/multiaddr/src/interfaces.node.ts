import { networkInterfaces as osInterfaces } from 'node:os'

/** The IP addresses of this machine's interfaces, as text. */
export function networkInterfaces(): string[] {
  return Object.values(osInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
}
