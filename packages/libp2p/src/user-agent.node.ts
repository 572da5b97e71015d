import process from 'node:process'
import * as own from './version.ts'

/** What identify tells other peers, for example `weft/0.1.0 node/20.20.2`. */
export function userAgent(name: string = own.name, version: string = own.version): string {
  const { deno, bun, electron, node }: Partial<Record<string, string>> = process.versions
  const [platform, platformVersion] = Object.entries({ electron, bun, deno, node }).find(([, found]) => found != null)!
  return `${name}/${version} ${platform}/${platformVersion!.replaceAll('v', '')}`
}
