// A TCP proxy as a process of its own, so that its work is neither side's: what comes in leaves the other side after the latency.
import net from 'node:net'
import { DelayLine } from './delay-line.mjs'

/** More than any muxer's windows let on their way: a bound for memory, not for what is measured. */
const MOST_BYTES = 64 * 1_048_576

const [port, latency] = process.argv.slice(2).map(Number)
const clock = {
  get now() {
    return performance.now()
  },
  setTimeout
}
const options = { allowHalfOpen: true, noDelay: true }

const server = net.createServer(options, near => {
  const far = net.connect({ ...options, host: '127.0.0.1', port })
  join(near, far)
  join(far, near)
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit(0))

function join(from, to) {
  const deliver = chunk => {
    if (to.destroyed) return
    if (chunk === undefined) to.end()
    else to.write(chunk)
    resume()
  }
  const line = new DelayLine(latency, deliver, clock)
  const isFull = () => line.bytes + to.writableLength > MOST_BYTES
  const resume = () => {
    if (from.isPaused() && !isFull()) from.resume()
  }
  from.on('data', chunk => {
    line.push(chunk)
    if (isFull()) from.pause()
  })
  from.on('end', () => line.push(undefined))
  from.on('error', () => to.destroy())
  to.on('drain', resume)
}
