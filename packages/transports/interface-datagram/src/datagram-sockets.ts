import { admissionOf, type InboundAdmission, type Upgrader } from '@weft/interface-transport'
import { bindDatagrams } from '#bind'
import type { RemoteLimits } from './core/remotes.ts'
import type { BindDatagrams, DatagramAddress } from './datagram-socket.ts'
import type { DatagramUser, DatagramUserInit } from './datagram-user.ts'
import { SharedSocket } from './shared-socket.ts'

/** Options of the sockets of a node. */
export interface DatagramSocketsOptions {
  /** Makes a socket. Default: `node:dgram`. */
  readonly bind?: BindDatagrams
  /** Bounds of each socket. */
  readonly limits?: Partial<RemoteLimits>
  /** Asked for a place for each inbound connection of a proven address. */
  readonly admission?: InboundAdmission
}

/**
 * The datagram sockets of one node: one for each address, shared by the protocols that listen on it or dial from it, and
 * closed with the last of them.
 */
export class DatagramSockets {
  private readonly _options: DatagramSocketsOptions
  private readonly _sockets = new Map<string, Promise<SharedSocket>>()

  constructor(options: DatagramSocketsOptions = {}) {
    this._options = options
  }

  /** Sockets that are open, or opening. */
  get size(): number {
    return this._sockets.size
  }

  /**
   * Joins the socket of that address, which is opened if there is none. Port 0 always opens one, on a port that the
   * system chooses. Rejects with `DatagramError` (`ERR_BIND`, `ERR_PROTOCOL_TAKEN`, `ERR_UNSUPPORTED`).
   */
  async open(local: DatagramAddress, init: DatagramUserInit): Promise<DatagramUser> {
    const joined = local.port === 0 ? undefined : this._sockets.get(keyOf(local))
    const socket = await (joined ?? this._bind(local))
    // The last user may have closed it meanwhile.
    return socket.closed ? this.open(local, init) : socket.use(init)
  }

  private async _bind(local: DatagramAddress): Promise<SharedSocket> {
    const opening = this._open(local)
    if (local.port !== 0) this._sockets.set(keyOf(local), opening)
    try {
      const { port } = (await opening).local
      this._sockets.set(keyOf({ host: local.host, port }), opening)
    } catch (error) {
      this._sockets.delete(keyOf(local))
      throw error
    }
    return opening
  }

  private async _open(local: DatagramAddress): Promise<SharedSocket> {
    const { bind = bindDatagrams, limits, admission } = this._options
    const socket = await bind(local)
    const shared = new SharedSocket(socket, {
      ...(limits === undefined ? {} : { limits }),
      ...(admission === undefined ? {} : { admission }),
      onUnused: () => {
        this._sockets.delete(keyOf({ host: local.host, port: socket.local.port }))
        return socket.close()
      }
    })
    return shared
  }
}

/** Under this the components of a node have its `DatagramSockets`. */
export const datagramSocketsSymbol: unique symbol = Symbol.for('@weft/datagram-sockets')

const byUpgrader = new WeakMap<Upgrader, DatagramSockets>()

/**
 * The datagram sockets of a node, made by the first transport that asks. They stand under a symbol on its components;
 * where the container takes no new names, beside its upgrader.
 */
export function datagramSocketsOf(
  components: { readonly upgrader: Upgrader; [datagramSocketsSymbol]?: DatagramSockets },
  options: DatagramSocketsOptions = {}
): DatagramSockets {
  const { upgrader } = components
  const existing = byUpgrader.get(upgrader) ?? read(components)
  if (existing !== undefined) return existing
  const admission = admissionOf(upgrader)
  const sockets = new DatagramSockets({ ...(admission === undefined ? {} : { admission }), ...options })
  try {
    components[datagramSocketsSymbol] = sockets
  } catch {
    // A container of fixed names.
  }
  if (read(components) !== sockets) byUpgrader.set(upgrader, sockets)
  return sockets
}

function read(components: { [datagramSocketsSymbol]?: DatagramSockets }): DatagramSockets | undefined {
  try {
    return components[datagramSocketsSymbol]
  } catch {
    return undefined
  }
}

function keyOf({ host, port }: DatagramAddress): string {
  return `${host}|${port}`
}
