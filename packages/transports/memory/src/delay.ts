/** Runs tasks in order, each in a later turn of the event loop and not before its time. */
export type Delay = (task: () => void) => void

/** `milliseconds` may be 0. */
export function delay(milliseconds: number): Delay {
  return milliseconds === 0 ? nextTurn : later(milliseconds)
}

function later(milliseconds: number): Delay {
  const tasks: Array<() => void> = []
  // Each timer runs the oldest task, so that the order is kept even if timers fire out of order.
  return task => {
    tasks.push(task)
    setTimeout(() => tasks.shift()!(), milliseconds)
  }
}

const { setImmediate } = globalThis as { setImmediate?: (task: () => void) => void }
const nextTurn: Delay = setImmediate ?? byMessages()

/** As fast as `setImmediate`, which browsers lack, and without the 4 ms to which they stretch timers. */
function byMessages(): Delay {
  const tasks: Array<() => void> = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => tasks.shift()!()
  return task => {
    tasks.push(task)
    port2.postMessage(undefined)
  }
}
