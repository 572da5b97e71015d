/** What a node shows of its parts: plain data, which JSON can carry. Times are milliseconds. */

/** The node itself. */
export interface IdentityView {
  peer: string
  /** What identify says of its software. */
  agent: string
  status: 'starting' | 'started' | 'stopping' | 'stopped'
  /** Since it was started last; absent while it is stopped. */
  uptime?: number
  /** Names of the protocols that it handles. */
  protocols: string[]
}

/** One of its own addresses, and why the node thinks that it is one. */
export interface OwnAddressView {
  address: string
  /** Where it comes from: a listener, the configuration, what peers saw, a domain name, a port mapping. */
  type: 'transport' | 'announce' | 'observed' | 'dns-mapping' | 'ip-mapping'
  /** Whether it is told to peers. */
  verified: boolean
  /** In words. */
  why: string
  /** Since 1970. */
  lastVerified?: number
  /** Since 1970: when it is to be verified again. Absent: never. */
  expires?: number
}

/** Values of a peer's tags by their names. */
export type Tags = Record<string, number>

/** What is known of a peer. */
export interface PeerView {
  peer: string
  /** Open ones. */
  connections: number
  agent?: string
  addresses: string[]
  protocols: string[]
  tags: Tags
}

/** An open connection. */
export interface ConnectionView {
  id: string
  peer: string
  address: string
  direction: 'inbound' | 'outbound'
  /** What carries it, such as `tcp`, `memory`, `relay`. */
  transport: string
  channel?: string
  muxer?: string
  streams: number
  /** Names of the protocols that its streams speak. */
  protocols: string[]
  /** Since it was opened. */
  age: number
  /** The last round trip of a ping. */
  rtt?: number
  /** Whether it ends by itself, after a time or an amount of bytes, as relayed ones do. */
  limited: boolean
  tags: Tags
}

/** An open stream. */
export interface StreamView {
  id: string
  /** The id of its connection. */
  connection: string
  peer: string
  /** Empty until it is agreed. */
  protocol: string
  direction: 'inbound' | 'outbound'
  status: string
  /** Since it was opened. */
  age: number
  /** Bytes that have arrived and were not read. */
  unread: number
  /** Bytes that were sent and have not left. */
  unsent: number
}

/** An error, as it is printed. */
export interface ErrorView {
  name: string
  code?: string
  message: string
}

/** One step of a dial: `kind` says which, and what else is there. `@weft/dialer` documents each. */
export interface DialStepView {
  readonly kind: string
  /** Since the dial began. */
  readonly at: number
  readonly address?: string
  readonly error?: ErrorView
  readonly [detail: string]: unknown
}

/** A dial that waits or runs. */
export interface DialView {
  id: string
  status: string
  peer?: string
  /** Since it began. */
  elapsed: number
  /** Its addresses, as the caller and the peer store have them. */
  addresses: string[]
  /** How it came to where it is. */
  steps: DialStepView[]
}

/** A limit, with what is held of it now. */
export interface LimitRow {
  /** The kind of scope. */
  scope: string
  /** Which one of that kind. Absent: every one. */
  name?: string
  resource: string
  /** Null: no limit. */
  value: number | null
  unit: string
  /** What changes it. */
  option: string
  /** Why the default is what it is. */
  reason: string
  /** What is held now; of a kind that has several scopes, by the one that holds most. */
  used?: number
  /** How often there was no room. */
  refused?: number
}
