import { type ByteQueue } from '@weft/bytes'
import { MultiaddrConnectionBase } from '@weft/interface-connection'
import { multiaddr } from '@weft/multiaddr'
import type { StreamEnd } from '@weft/testkit'
import { fakeLogger } from '../../interface-node/test/fakes.ts'

/** A byte stream of the simulated network as a raw connection. */
export class NetworkConnection extends MultiaddrConnectionBase {
  private readonly _end: StreamEnd

  constructor(end: StreamEnd, direction: 'inbound' | 'outbound') {
    super({ log: fakeLogger().forComponent('test'), direction, remoteAddr: multiaddr(`/memory/${end.name}`) })
    this._end = end
    end.handler = {
      onData: bytes => this.deliver(bytes),
      onEnd: () => this.remoteClosedWrite(),
      onReset: () => this.remoteReset()
    }
  }

  protected override transmit(queue: ByteQueue): boolean {
    for (const chunk of queue.takeAll()) this._end.write(chunk)
    return true
  }

  protected override async sendCloseWrite(): Promise<void> {
    this._end.end()
  }

  protected override sendReset(): void {
    this._end.reset()
  }
}
