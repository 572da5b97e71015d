import { Command } from 'commander'
import { parseAddress, parseBytes } from '../arguments.ts'
import type { Io } from '../io.ts'
import { byteText, print } from '../output.ts'
import { ProgressBar } from '../progress-bar.ts'
import { inPrivateNetwork, type PskChoice } from '../psk-file.ts'
import { type Session, withConnection } from '../with-connection.ts'

interface Options extends PskChoice {
  upload: number
  download: number
  json?: boolean
}

interface Rate {
  bytes: number
  seconds: number
  bytesPerSecond: number
}

/** Measures how fast bytes go to a peer and back. */
export function perfCommand(io: Io): Command {
  return inPrivateNetwork(new Command('perf'))
    .description('measure how fast bytes go to a peer, and back from it')
    .argument('<address>', 'multiaddr of the peer')
    .option('-u, --upload <bytes>', 'bytes to send, such as 10M', parseBytes, 10_000_000)
    .option('-d, --download <bytes>', 'bytes to have sent, such as 10M', parseBytes, 10_000_000)
    .option('--json', 'print one line of JSON')
    .action(async (text: string, options: Options) => {
      const { json } = options
      await withConnection(io, parseAddress(text), options, async session => {
        const upload = await measure(io, session, 'upload', options.upload, 0)
        const download = await measure(io, session, 'download', 0, options.download)
        const show = (rate: Rate): unknown => (json === true ? rate : rateText(rate))
        print(io, json, {
          peerId: session.connection.remotePeer.toString(),
          upload: show(upload),
          download: show(download)
        })
      })
    })
}

async function measure(
  io: Io,
  { node, connection }: Session,
  label: string,
  sendBytes: number,
  receiveBytes: number
): Promise<Rate> {
  const bytes = sendBytes + receiveBytes
  const bar = new ProgressBar(io, label, bytes)
  let seconds = 0
  try {
    const reports = node.services.perf!.measurePerformance(connection.remoteAddr, sendBytes, receiveBytes, {
      reuseExistingConnection: true,
      signal: io.signal
    })
    for await (const { type, timeSeconds, uploadBytes, downloadBytes } of reports) {
      if (type === 'intermediary') bar.add(uploadBytes + downloadBytes, timeSeconds)
      if (type === 'final') seconds = timeSeconds
    }
  } finally {
    bar.clear()
  }
  return { bytes, seconds, bytesPerSecond: seconds > 0 ? bytes / seconds : 0 }
}

function rateText({ bytes, seconds, bytesPerSecond }: Rate): string {
  return `${byteText(bytes)} in ${seconds.toFixed(3)} s, ${byteText(bytesPerSecond)}/s`
}
