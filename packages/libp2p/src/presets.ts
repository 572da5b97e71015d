/**
 * Parts for `createLibp2p`, named: `{ ...nodeDefaults(), addresses: { listen: [...] } }`. Nothing of them listens, so
 * that being reachable is the user's decision. Add to `services` with `{ ...nodeDefaults().services, more }`.
 */
import { type Identify, type IdentifyPush, identify, identifyPush } from '@weft/identify'
import { memory } from '@weft/memory'
import { noise } from '@weft/noise'
import { type Ping, ping } from '@weft/ping'
import { tcp } from '@weft/tcp'
import { yamux } from '@weft/yamux'
import type { Libp2pInit, ServiceFactoryMap } from './options.ts'

/** The services of the presets. The record is a type alias, as `ServiceMap` takes no interface. */
export type DefaultServices = {
  /** Says who is there. */
  identify: Identify
  /** Says what has changed. */
  identifyPush: IdentifyPush
  /** Measures the time to a peer and back. */
  ping: Ping
}

/** Options with services, to which more can be added. */
export interface Preset extends Libp2pInit<DefaultServices> {
  services: ServiceFactoryMap<DefaultServices>
}

/** On Node: TCP, Noise, Yamux; identify, identify push and ping. */
export function nodeDefaults(): Preset {
  return { ...commonDefaults(), transports: [tcp()] }
}

/** Inside one process, for tests and examples: the same over the memory transport. */
export function memoryDefaults(): Preset {
  return { ...commonDefaults(), transports: [memory()] }
}

function commonDefaults(): Preset {
  return {
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping() }
  }
}
