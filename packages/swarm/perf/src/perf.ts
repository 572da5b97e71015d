import type { Stream } from '@libp2p/interface'
import { checkOptions, ProtocolError, throwIfAborted } from '@weft/errors'
import { endStream, ProtocolService, StreamBytes } from '@weft/interface-protocol'
import type { Multiaddr } from '@weft/multiaddr'
import { Progress } from './core/progress.ts'
import { checkBytes, encodeRequest } from './core/request.ts'
import {
  type Perf,
  type PerfComponents,
  type PerfInit,
  perfOptions,
  type PerfOptions,
  type PerfOutput,
  type Settings,
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

class PerfService extends ProtocolService<PerfComponents> implements Perf {
  /** What is sent: zeros, the same for all streams. */
  private readonly _block: Uint8Array

  constructor(components: PerfComponents, { protocol, limits, writeBlockSize, timeout }: Settings) {
    const block = new Uint8Array(writeBlockSize)
    super(components, {
      name: '@weft/perf',
      handlers: [{ protocol, limits, serve: stream => serve(stream, block, timeout) }]
    })
    this._block = block
  }

  async *measurePerformance(
    address: Multiaddr,
    sendBytes: number | bigint,
    receiveBytes: number | bigint,
    options: PerfOptions = {}
  ): AsyncGenerator<PerfOutput> {
    // No measurement comes so far that a number would be too coarse to count on with.
    const uploadBytes = Number(checkBytes('sendBytes', sendBytes))
    const downloadBytes = Number(checkBytes('receiveBytes', receiveBytes))
    throwIfAborted(options.signal)
    const start = performance.now()
    const stream = await this._open(address, options)
    let failure: Error | undefined = new ProtocolError('the measurement was given up')
    try {
      const bytes = new StreamBytes(stream, { signal: options.signal })
      await bytes.write(encodeRequest(receiveBytes))
      yield* this._upload(bytes, uploadBytes)
      await stream.close(options.signal === undefined ? {} : { signal: options.signal })
      yield* this._download(bytes, downloadBytes)
      failure = undefined
      void endStream(stream)
      yield { type: 'final', timeSeconds: (performance.now() - start) / 1000, uploadBytes, downloadBytes }
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      // Also when the caller leaves the loop.
      if (failure !== undefined) stream.abort(failure)
    }
  }

  private async _open(address: Multiaddr, { reuseExistingConnection, ...rest }: PerfOptions): Promise<Stream> {
    const force = reuseExistingConnection !== true
    const connection = await this.components.connectionManager.openConnection(address, { ...rest, force })
    const { onProgress: _, ...options } = rest
    const { runOnLimitedConnection } = this.handlers[0]!.limits
    return connection.newStream(this.protocol, { runOnLimitedConnection, ...options })
  }

  private async *_upload(bytes: StreamBytes, sendBytes: number): AsyncGenerator<PerfOutput> {
    const progress = new Progress(performance.now())
    let drained = Promise.resolve()
    for (let left = sendBytes; left > 0; ) {
      await drained
      const length = Math.min(left, this._block.byteLength)
      drained = bytes.write(this._block.subarray(0, length))
      // The caller may leave before the next round, or the last write may fail with its stream.
      drained.catch(() => {})
      left -= length
      progress.uploaded(length)
      const report = progress.due(performance.now())
      if (report !== undefined) yield { type: 'intermediary', ...report }
    }
  }

  private async *_download(bytes: StreamBytes, receiveBytes: number): AsyncGenerator<PerfOutput> {
    const progress = new Progress(performance.now())
    let received = 0
    for (let chunk = await bytes.readSome(); chunk !== undefined; chunk = await bytes.readSome()) {
      received += chunk.byteLength
      if (received > receiveBytes) break
      progress.downloaded(chunk.byteLength)
      const report = progress.due(performance.now())
      if (report !== undefined) yield { type: 'intermediary', ...report }
    }
    if (received === receiveBytes) return
    throw new ProtocolError(`the remote sent ${received} bytes instead of ${receiveBytes}`, {
      facts: { received, expected: receiveBytes }
    })
  }
}
