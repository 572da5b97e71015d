// A service of the victim that reads its streams as slowly as it is told, without losing count.

/** Handles `/flood/slow/1.0.0`; the result sets the rate in bytes a second and tells what came. */
export async function slowReader(node) {
  const state = { bytesPerSecond: 0, consumed: 0, streams: 0, ended: 0, errors: [] }
  let credit = 0
  let waiting = []
  const refill = setInterval(() => {
    credit = Math.min(state.bytesPerSecond, credit + state.bytesPerSecond / 20)
    const wake = waiting
    waiting = []
    for (const resolve of wake) resolve()
  }, 50)
  refill.unref()

  await node.handle(
    '/flood/slow/1.0.0',
    async stream => {
      state.streams++
      try {
        for await (const list of stream) {
          while (credit <= 0) await new Promise(resolve => waiting.push(resolve))
          credit -= list.byteLength
          state.consumed += list.byteLength
        }
        state.ended++
        await stream.close()
      } catch (error) {
        state.errors.push(error.name)
        stream.abort(error)
      }
    },
    { maxInboundStreams: 128 }
  )
  return ({ bytesPerSecond = state.bytesPerSecond }) => {
    state.bytesPerSecond = bytesPerSecond
    return state
  }
}
