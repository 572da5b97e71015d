// What is asked, and for which amounts.

/**
 * name -> title, `amount` (what grows, `many` of it), `points` (how much of it), `linear` for an axis that is not logarithmic, `ms`
 * within which a point must be done, and its figures: title, unit, digits, `from` which point on a chart has it.
 */
export const questions = {
  streams: {
    title: 'Throughput over the streams of one connection',
    amount: 'streams',
    points: [1, 10, 100, 1000],
    limitMs: () => 60_000,
    figures: { throughput: { title: 'throughput', unit: 'MB/s', digits: 0 } }
  },
  connections: {
    title: 'Idle connections',
    amount: 'connections',
    points: [1, 100, 1000, 10_000],
    // those of a point are added to those of the point before
    limitMs: count => 20_000 + 40 * count,
    // What garbage collection leaves differs from one time to the next by more than one connection holds.
    figures: {
      heapServer: { title: 'heap of each, listener', unit: 'KB', digits: 1, from: 100 },
      heapClient: { title: 'heap of each, dialer', unit: 'KB', digits: 1, from: 100 },
      rssServer: { title: 'RSS of each, listener', unit: 'KB', digits: 1, from: 100 },
      rssClient: { title: 'RSS of each, dialer', unit: 'KB', digits: 1, from: 100 },
      opening: { title: 'to open one more', unit: 'ms', digits: 2 }
    }
  },
  messages: {
    title: 'Throughput by the size of messages',
    amount: 'bytes in a message',
    points: [32, 1024, 65_536, 1_048_576],
    limitMs: () => 60_000,
    figures: { throughput: { title: 'throughput', unit: 'MB/s', digits: 1 } }
  },
  latency: {
    title: 'Through latency',
    amount: 'ms each way',
    points: [0, 10, 50, 100, 200],
    linear: true,
    limitMs: () => 120_000,
    figures: {
      roundTrip: { title: 'round trip', unit: 'ms', digits: 2 },
      openEchoClose: { title: 'open-echo-close', unit: 'ms', digits: 2 },
      throughput: { title: 'throughput, one stream', unit: 'MB/s', digits: 1 }
    }
  }
}

/** How long a measure runs, how many dials give a time, how many rounds are made. */
export const whole = { ms: 3000, dials: 50, rounds: 3 }
/** To see that all works. */
export const quick = { ms: 400, dials: 5, rounds: 1, points: 3 }

/**
 * `{ question, points }` of each run of two fresh processes, in the order of a round. Connections of all points are those of the same
 * processes. `points`: how many of each question, from the first.
 */
export function stepsOf(names, { points = Number.POSITIVE_INFINITY } = {}) {
  return names.flatMap(question => {
    const chosen = questions[question].points.slice(0, points)
    return question === 'connections'
      ? [{ question, points: chosen }]
      : chosen.map(point => ({ question, points: [point] }))
  })
}

/** The key of one figure of a run. */
export const keyOf = (question, point, impl, figure) => `${question} ${point} ${impl} ${figure}`
/** The key of what failed in a run. */
export const pointOf = (question, point, impl) => `${question} ${point} ${impl}`
