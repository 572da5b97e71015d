/** Answers `GET /metrics` over HTTP, and nothing else. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Logger } from '@libp2p/interface'
import { InvalidParametersError, ListenError } from '@weft/errors'
import type { ListenInit } from './options.ts'

/** What a scraper may use up. Times are milliseconds. */
export interface EndpointLimits {
  /** Connections at once; one more is closed at once. */
  readonly maxConnections: number
  /** Connections at once of one IPv4 address or IPv6 /64; one more is closed at once. */
  readonly maxConnectionsPerAddress: number
  /** Bytes of a request's head. */
  readonly maxHeaderSize: number
  /** From the connection to the whole request. */
  readonly requestTimeout: number
  /** For reading the answer. */
  readonly responseTimeout: number
}

// A scraper connects once in some seconds, and there are few of them.
export const defaultEndpointLimits: EndpointLimits = {
  maxConnections: 16,
  maxConnectionsPerAddress: 4,
  maxHeaderSize: 8 * 1024,
  requestTimeout: 5_000,
  responseTimeout: 10_000
}

const defaultHost = '127.0.0.1'
const path = '/metrics'

/** What the endpoint shows. */
export interface Scrape {
  readonly contentType: string
  read(): Promise<string>
}

export class Endpoint {
  private readonly _listen: ListenInit
  private readonly _scrape: Scrape
  private readonly _log: Logger
  private readonly _limits: EndpointLimits
  private _server: Server | undefined
  private _reading: Promise<string> | undefined
  private _connections = 0
  private readonly _ofAddress = new Map<string, number>()

  constructor(listen: ListenInit, scrape: Scrape, log: Logger, limits: EndpointLimits = defaultEndpointLimits) {
    this._listen = listen
    this._scrape = scrape
    this._log = log
    this._limits = limits
  }

  /** Where it listens, or `undefined`. */
  get url(): string | undefined {
    const address = this._server?.address() as AddressInfo | null | undefined
    if (address == null) return undefined
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
    return `http://${host}:${address.port}${path}`
  }

  /** Connections that are open. */
  get connections(): number {
    return this._connections
  }

  /** Rejects with `ListenError` if the address cannot be listened on. */
  async start(): Promise<void> {
    if (this._server !== undefined) return
    const { maxConnections, maxHeaderSize, requestTimeout } = this._limits
    const { host = defaultHost, port } = this._listen
    const server = createServer(
      {
        maxHeaderSize,
        requestTimeout,
        headersTimeout: requestTimeout,
        connectionsCheckingInterval: Math.min(requestTimeout, 1000)
      },
      (request, response) => this._onRequest(request, response)
    )
    server.maxConnections = maxConnections
    server.on('connection', socket => this._count(socket))
    this._server = server
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port, exclusive: true }, resolve)
      })
    } catch (cause) {
      this._server = undefined
      const facts = { option: 'listen', host, port }
      throw new ListenError(`cannot listen on ${host}:${port} (option listen): ${(cause as Error).message}`, {
        cause,
        facts
      })
    }
    server.on('error', error => this._log.error('the endpoint failed - %e', error))
    this._log('metrics at %s', this.url)
  }

  /** Closes it and all its connections. */
  async stop(): Promise<void> {
    const server = this._server
    if (server === undefined) return
    this._server = undefined
    await new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  /** One address does not get the places of the others. */
  private _count(socket: Socket): void {
    const address = placeOf(socket.remoteAddress)
    const open = this._ofAddress.get(address) ?? 0
    if (open >= this._limits.maxConnectionsPerAddress) {
      socket.destroy()
      return
    }
    this._ofAddress.set(address, open + 1)
    this._connections++
    socket.on('close', () => {
      this._connections--
      const left = (this._ofAddress.get(address) ?? 1) - 1
      if (left > 0) this._ofAddress.set(address, left)
      else this._ofAddress.delete(address)
    })
  }

  private _onRequest(request: IncomingMessage, response: ServerResponse): void {
    // Whoever does not read the answer holds a place.
    const timer = setTimeout(() => response.destroy(), this._limits.responseTimeout)
    response.on('close', () => clearTimeout(timer))
    if (request.url?.split('?')[0] !== path) return end(response, 404, 'not found')
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET')
      return end(response, 405, 'only GET')
    }
    this._read().then(
      text => {
        response.setHeader('content-type', this._scrape.contentType)
        end(response, 200, text)
      },
      (error: Error) => {
        this._log.error('could not read the metrics - %e', error)
        end(response, 500, 'the metrics could not be read')
      }
    )
  }

  /** Requests that come while metrics are read share what is read. */
  private _read(): Promise<string> {
    this._reading ??= this._scrape.read().finally(() => {
      this._reading = undefined
    })
    return this._reading
  }
}

/** Reads `host:port`, `[host]:port` or `port`. Throws `InvalidParametersError`. */
export function parseListen(text: string): ListenInit {
  const [, bracketed, host, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) {
    throw new InvalidParametersError(`"${text}" is no address such as 127.0.0.1:9090, [::1]:9090 or 9090`)
  }
  const name = bracketed ?? host
  return name === undefined ? { port } : { host: name, port }
}

/** What counts as one address: an IPv4 address, also where IPv6 maps it, or the first half of an IPv6 one. */
function placeOf(address: string = ''): string {
  const [, ip4] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (ip4 !== undefined || !address.includes(':')) return ip4 ?? address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const first = head.split(':').filter(Boolean)
  const last = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  return [...first, ...Array.from({ length: zeros }, () => '0'), ...last].slice(0, 4).join(':')
}

function end(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status
  // A connection that is kept would hold the node's stop, and a place.
  response.setHeader('connection', 'close')
  response.setHeader('content-length', Buffer.byteLength(body))
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(body)
}
