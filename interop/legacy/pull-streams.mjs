// A pull-stream duplex as `{ source, sink, reset }`.

export function fromPull(conn) {
  let writing = false
  let failure
  return {
    source: sourceOf(conn.source),
    sink(chunks) {
      writing = true
      return new Promise((resolve, reject) => {
        conn.sink(readOf(chunks, { failure: () => failure, onEnd: error => (error ? reject(error) : resolve()) }))
      })
    },
    /** What is being written fails, once its next chunk is asked for; so does what is read. */
    reset() {
      failure = new Error('reset, as asked')
      conn.source(failure, () => {})
      if (!writing) conn.sink((_, answer) => answer(failure))
    }
  }
}

/** A read function as an async iterable. */
async function* sourceOf(read) {
  for (;;) {
    const [end, data] = await new Promise(resolve => read(null, (...answer) => resolve(answer)))
    if (end === true) return
    if (end) throw end
    yield data.slice()
  }
}

/** An iterable as a read function. `onEnd` is called when all was taken, or with the error. */
function readOf(chunks, { failure, onEnd }) {
  const iterator = (chunks[Symbol.asyncIterator] ?? chunks[Symbol.iterator]).call(chunks)
  return async (abort, answer) => {
    const end = error => {
      onEnd(error === true ? undefined : error)
      answer(error)
    }
    if (abort) return end(abort)
    try {
      const { done, value } = await iterator.next()
      if (failure() !== undefined) end(failure())
      else if (done) end(true)
      else answer(null, Buffer.from(value))
    } catch (error) {
      end(error)
    }
  }
}
