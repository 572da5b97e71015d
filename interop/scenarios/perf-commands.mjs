// The perf commands of two peers against each other, by the convention of libp2p/test-plans.
import { assert } from '../lib/node.mjs'
import { runPerfCommands } from '../lib/perf-run.mjs'

const LIMIT_MS = 20_000
const BYTES = 8 * 1_048_576

export async function perfCommands(cells, dialer, listener) {
  const group = `${dialer.name} > ${listener.name} perf command`
  for (const [name, upload, download] of [
    ['upload', BYTES, 0],
    ['download', 0, BYTES]
  ]) {
    await cells.run(group, name, LIMIT_MS, async () => {
      const report = await runPerfCommands(dialer, listener, { upload, download, limitMs: LIMIT_MS })
      const { type, timeSeconds, uploadBytes, downloadBytes } = report
      const right = type === 'final' && timeSeconds > 0 && uploadBytes === upload && downloadBytes === download
      assert(right, JSON.stringify(report))
    })
  }
}
