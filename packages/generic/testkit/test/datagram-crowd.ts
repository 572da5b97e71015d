/** Many nodes that do no more than to ask others, and to answer: what the clock and the network cost. */
import { Network, seededRandom, VirtualClock } from '../src/index.ts'

/** Datagrams that each node sends, to others drawn at random. */
export const questionsEach = 8

/** What came of it. */
export interface DatagramCrowd {
  questions: number
  answers: number
  /** Virtual ms until all was over. */
  time: number
}

/** So many nodes, on links of 20 ms to 70 ms; each question is answered. The same seed, the same outcome. */
export function runDatagramCrowd(size: number, seed: number): DatagramCrowd {
  const clock = new VirtualClock()
  const network = new Network({ clock, seed, logged: false, link: { latency: 20, jitter: 50 } })
  const random = seededRandom(seed)
  const outcome = { questions: 0, answers: 0, time: 0 }
  const question = Uint8Array.of(0)
  const answer = Uint8Array.of(1)
  const places = Array.from({ length: size }, (_, i) => {
    const place = network.bind(`node-${i}`, (from, bytes) => {
      outcome[bytes[0] === 0 ? 'questions' : 'answers']++
      if (bytes[0] === 0) place.send(from, answer)
    })
    return place
  })
  for (const [i, place] of places.entries()) {
    for (let n = 0; n < questionsEach; n++) {
      const other = (i + 1 + random.integer(size - 1)) % size
      clock.setTimeout(() => place.send(`node-${other}`, question), random.integer(1000))
    }
  }
  outcome.time = clock.runUntilIdle()
  return outcome
}
