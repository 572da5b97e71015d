// Sockets that connect and say nothing. Each that the victim closes is opened again, at a bounded rate.
import { connect } from 'node:net'
import { answer, settings } from '../lib/answer.mjs'

const { host, port, addresses } = settings
const TICK_MS = 20

const open = new Set()
const counts = { opened: 0, connected: 0, closed: 0, failed: 0 }
let next = 0
let allowance = 0
let timer

function openOne() {
  const socket = connect({ host, port, localAddress: addresses[next++ % addresses.length] })
  open.add(socket)
  counts.opened++
  socket.on('connect', () => counts.connected++)
  socket.on('error', error => {
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') counts.failed++
  })
  socket.on('close', () => {
    counts.closed++
    open.delete(socket)
  })
  // Whatever the victim says is thrown away.
  socket.resume()
}

answer({
  ready() {},
  /** Holds `total` sockets open, opening at most `perSecond`. */
  start({ total, perSecond }) {
    timer = setInterval(() => {
      allowance = Math.min(perSecond / 10, allowance + (perSecond * TICK_MS) / 1000)
      for (; allowance >= 1 && open.size < total; allowance--) openOne()
    }, TICK_MS)
  },
  report: () => ({ ...counts, open: open.size }),
  stop() {
    clearInterval(timer)
    for (const socket of open) socket.destroy()
  }
})
