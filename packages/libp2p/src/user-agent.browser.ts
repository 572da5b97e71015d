import * as own from './version.ts'

/** What identify tells other peers, with the browser's own user agent. */
export function userAgent(name: string = own.name, version: string = own.version): string {
  return `${name}/${version} browser/${globalThis.navigator.userAgent}`
}
