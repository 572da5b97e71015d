import type { Startable, Stream } from '@libp2p/interface'
import { checkOptions, ProtocolError, throwIfAborted } from '@weft/errors'
import type { Multiaddr } from '@weft/multiaddr'
import { Progress } from './core/progress.ts'
import { checkBytes, encodeRequest } from './core/request.ts'
import { Exchange } from './exchange.ts'
import {
  type Perf,
  type PerfComponents,
  type PerfInit,
  perfOptions,
  type PerfOptions,
  type PerfOutput,
  settingsOf
} from './options.ts'
import { serve } from './serve.ts'

/**
 * Makes the perf service for `services`. It lets every peer ask for any number of bytes, so it is for networks of one's
 * own. Throws `InvalidParametersError`, which names the option.
 *
 * @see https://github.com/libp2p/specs/blob/master/perf/perf.md
 */
export function perf(init: PerfInit = {}): (components: PerfComponents) => Perf {
  const tellNotices = checkOptions('perf', perfOptions, init)
  const settings = settingsOf(init)
  return components => {
    tellNotices(components)
    return new PerfService(components, settings)
  }
}

class PerfService implements Perf, Startable {
  readonly [Symbol.toStringTag] = '@weft/perf'
  readonly protocol: string
  private readonly _components: PerfComponents
  private readonly _settings: Required<PerfInit>
  /** What is sent: zeros, the same for all streams. */
  private readonly _block: Uint8Array
  private _started = false

  constructor(components: PerfComponents, settings: Required<PerfInit>) {
    this.protocol = settings.protocolName
    this._components = components
    this._settings = settings
    this._block = new Uint8Array(settings.writeBlockSize)
  }

  async start(): Promise<void> {
    const { maxInboundStreams, maxOutboundStreams, runOnLimitedConnection } = this._settings
    await this._components.registrar.handle(this.protocol, stream => serve(stream, this._block), {
      maxInboundStreams,
      maxOutboundStreams,
      runOnLimitedConnection
    })
    this._started = true
  }

  async stop(): Promise<void> {
    await this._components.registrar.unhandle(this.protocol)
    this._started = false
  }

  isStarted(): boolean {
    return this._started
  }

  async *measurePerformance(
    address: Multiaddr,
    sendBytes: number,
    receiveBytes: number,
    options: PerfOptions = {}
  ): AsyncGenerator<PerfOutput> {
    checkBytes('sendBytes', sendBytes)
    const request = encodeRequest(receiveBytes)
    throwIfAborted(options.signal)
    const start = performance.now()
    const { reuseExistingConnection, ...rest } = options
    const connection = await this._components.connectionManager.openConnection(address, {
      ...rest,
      force: reuseExistingConnection !== true
    })
    const { onProgress: _, ...streamOptions } = rest
    const { runOnLimitedConnection } = this._settings
    const stream = await connection.newStream(this.protocol, { runOnLimitedConnection, ...streamOptions })
    let failure: Error | undefined = new ProtocolError('the measurement was given up')
    try {
      const exchange = new Exchange(stream, options.signal)
      exchange.write(request)
      yield* this._upload(exchange, sendBytes)
      await closeWrite(stream, options)
      yield* this._download(exchange, receiveBytes)
      failure = undefined
      yield {
        type: 'final',
        timeSeconds: (performance.now() - start) / 1000,
        uploadBytes: sendBytes,
        downloadBytes: receiveBytes
      }
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      // Also when the caller leaves the loop.
      if (failure !== undefined) stream.abort(failure)
    }
  }

  private async *_upload(exchange: Exchange, sendBytes: number): AsyncGenerator<PerfOutput> {
    const progress = new Progress(performance.now())
    for (let left = sendBytes; left > 0; ) {
      await exchange.drained()
      const length = Math.min(left, this._block.byteLength)
      exchange.write(this._block.subarray(0, length))
      left -= length
      progress.uploaded(length)
      const report = progress.due(performance.now())
      if (report !== undefined) yield { type: 'intermediary', ...report }
    }
  }

  private async *_download(exchange: Exchange, receiveBytes: number): AsyncGenerator<PerfOutput> {
    const progress = new Progress(performance.now())
    let received = 0
    while (!exchange.ended) {
      await exchange.arrived()
      const arrived = exchange.takeArrived()
      received += arrived
      progress.downloaded(arrived)
      if (received > receiveBytes) break
      const report = progress.due(performance.now())
      if (report !== undefined) yield { type: 'intermediary', ...report }
    }
    received += exchange.takeArrived()
    if (received === receiveBytes) return
    throw new ProtocolError(`the remote sent ${received} bytes instead of ${receiveBytes}`, {
      facts: { received, expected: receiveBytes }
    })
  }
}

function closeWrite(stream: Stream, { signal }: PerfOptions): Promise<void> {
  return stream.close(signal === undefined ? {} : { signal })
}
