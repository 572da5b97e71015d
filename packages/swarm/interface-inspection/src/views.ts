/** What a node shows of its parts: plain data, which JSON can carry. Times are milliseconds. */

/** The node itself. */
export interface IdentityView {
  /** Its peer id, as text. */
  peer: string
  /** What identify says of its software. */
  agent: string
  /** Whether it runs. */
  status: 'starting' | 'started' | 'stopping' | 'stopped'
  /** Since it was started last; absent while it is stopped. */
  uptime?: number
  /** Names of the protocols that it handles. */
  protocols: string[]
}

/** One of its own addresses, and why the node thinks that it is one. */
export interface OwnAddressView {
  /** As text. */
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
  /** Its peer id, as text. */
  peer: string
  /** Open ones. */
  connections: number
  /** Its software, as identify tells. */
  agent?: string
  /** Known ones. */
  addresses: string[]
  /** Those that it is known to handle. */
  protocols: string[]
  /** Of the peer. */
  tags: Tags
}

/** An open connection. */
export interface ConnectionView {
  /** Its name in this node. */
  id: string
  /** Its peer id, as text. */
  peer: string
  /** As text. */
  address: string
  /** Who opened it. */
  direction: 'inbound' | 'outbound'
  /** What carries it, such as `tcp`, `memory`, `relay`. */
  transport: string
  /** Protocol of the crypto channel. */
  channel?: string
  /** Protocol of the muxer. */
  muxer?: string
  /** Open ones. */
  streams: number
  /** Names of the protocols that its streams speak. */
  protocols: string[]
  /** Since it was opened. */
  age: number
  /** The last round trip of a ping. */
  rtt?: number
  /** Whether it ends by itself, after a time or an amount of bytes, as relayed ones do. */
  limited: boolean
  /** Of the peer. */
  tags: Tags
}

/** An open stream. */
export interface StreamView {
  /** Its name in this node. */
  id: string
  /** The id of its connection. */
  connection: string
  /** Its peer id, as text. */
  peer: string
  /** Empty until it is agreed. */
  protocol: string
  /** Who opened it. */
  direction: 'inbound' | 'outbound'
  /** Where it is in its life. */
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
  /** Its name, such as `TimeoutError`. */
  name: string
  /** Its code, where it has one. */
  code?: string
  /** What it says. */
  message: string
}

/** One step of a dial: `kind` says which, and what else is there. `@weft/dialer` documents each. */
export interface DialStepView {
  /** Which step. */
  readonly kind: string
  /** Since the dial began. */
  readonly at: number
  /** The address that it is about. */
  readonly address?: string
  /** Of `failed`: why. */
  readonly error?: ErrorView
  readonly [detail: string]: unknown
}

/** A dial that waits or runs. */
export interface DialView {
  /** Its name in this node. */
  id: string
  /** Where it is in its life. */
  status: string
  /** Where it is known. */
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
  /** What is limited. */
  resource: string
  /** Null: no limit. */
  value: number | null
  /** What the value is counted in. */
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
