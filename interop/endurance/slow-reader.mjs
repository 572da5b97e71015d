// A sender with 1 GB and a reader that sleeps: what is under way stays bounded, nothing is reset, and when the reader
// wakes all of it arrives. Run by scripts/slow-reader.mjs; the reader is a process of its own.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createNode } from '../lib/node.mjs'
import { Digest, drained, pattern, receive } from '../lib/streams.mjs'
import { Checks } from './checks.mjs'

const TOTAL_BYTES = 1_000_000_000

/** What may be under way between the two applications: both ends' buffers and the kernels'. */
const MAX_BUFFERED_BYTES = 16 * 1_048_576

/** The sender counts as blocked when no drain comes for so long. */
const BLOCKED_MS = 2000

const { values } = parseArgs({
  options: { impl: { type: 'string', default: 'weft' }, modes: { type: 'string', default: 'iterate,pause' } }
})
const { parts } = await import(values.impl === 'js' ? '../js-libp2p/parts.mjs' : '../weft/parts.mjs')
const checks = new Checks()
for (const mode of values.modes.split(',')) await run(mode)
checks.finish('slow-reader.json', { impl: values.impl })

async function run(mode) {
  const reader = startReader(mode)
  const { addr } = await reader.next
  const node = await createNode(parts, { listen: false })
  const connection = await node.dial(parts.multiaddr(addr))
  const stream = await connection.newStream('/slow/1.0.0')
  let reset = false
  stream.addEventListener('close', event => {
    reset ||= event.error !== undefined
  })
  const ended = receive(stream, () => {})
  ended.catch(() => {})

  const sent = new Digest()
  let blocked = false
  let asleep = true
  for (const chunk of pattern(TOTAL_BYTES)) {
    sent.update(chunk)
    if (stream.send(chunk)) continue
    if (!asleep) {
      await drained(stream)
      continue
    }
    const drain = drained(stream)
    blocked = await Promise.race([drain.then(() => false), sleep(BLOCKED_MS).then(() => true)])
    if (!blocked) continue
    const { consumed } = await reader.ask('state')
    const buffered = sent.bytes - consumed
    checks.check(`${mode}: bytes under way <= 16 MiB`, buffered <= MAX_BUFFERED_BYTES, buffered.toLocaleString('en'))
    checks.check(`${mode}: no reset while asleep`, stream.status === 'open' && !reset, stream.status)
    asleep = false
    await reader.ask('wake')
    await drain
  }
  checks.check(`${mode}: send() false and no drain for 2 s`, blocked, blocked)
  await reader.ask('wake')
  await stream.close()
  const { bytes, sha256 } = sent.result()
  const arrived = await reader.ask('digest')
  const same = arrived.bytes === bytes && arrived.sha256 === sha256
  checks.check(`${mode}: all arrives, hash equal`, same, `${arrived.bytes.toLocaleString('en')} B ${arrived.sha256}`)
  await ended
  await node.stop()
  reader.stop()
}

function startReader(mode) {
  const child = fork(fileURLToPath(new URL('slow-reader-child.mjs', import.meta.url)), [values.impl, mode])
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', code => reject(new Error(`the reader ended with ${code}`)))
    })
  return {
    next: answer(),
    ask(question) {
      const answered = answer()
      child.send(question)
      return answered
    },
    stop: () => child.disconnect()
  }
}

function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}
