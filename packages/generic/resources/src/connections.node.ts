import { readFileSync } from 'node:fs'
import { descriptorsOf, parseOpenFiles } from './core/open-files.ts'

/** Connections that a node keeps. A secured idle one costs some 40 KiB. */
export const defaultConnections: number = 1024
/** Of these, inbound: a quarter is left for what this side dials. */
export const defaultInboundConnections: number = 768

// What Node has where it cannot be read: macOS and Windows allow a Node process that many at least.
const otherwise = 10_240

/** Sockets that this process may have: read when it starts, as Node sets its limit before that. */
export const availableDescriptors: number = descriptorsOf(openFiles())

function openFiles(): number {
  try {
    return parseOpenFiles(readFileSync('/proc/self/limits', 'utf8')) ?? otherwise
  } catch {
    return otherwise
  }
}
