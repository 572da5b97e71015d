import type { DatagramAddress, DatagramSocket } from './datagram-socket.ts'
import { DatagramError } from './errors.ts'

/** Browsers have no datagram sockets: rejects with `DatagramError`, code `ERR_UNSUPPORTED`. */
export function bindDatagrams(_local: DatagramAddress): Promise<DatagramSocket> {
  return Promise.reject(new DatagramError('ERR_UNSUPPORTED', 'browsers have no datagram sockets'))
}
