/** The cases of dials that `npm run sim:dial` runs on virtual time and over loopback sockets. */

/** What an address does: it connects, refuses, or takes the connection and says nothing. */
export type Place = 'good' | 'refused' | 'silent'

/** Someone who dials the peer. */
export interface CaseCaller {
  /** When he dials, ms. */
  readonly at: number
  /** The addresses that he names, in order; none: all that is known of the peer. */
  readonly places: readonly Place[]
  /** His own deadline, ms from `at`. Without one it is the node's. */
  readonly timeout?: number
}

/** When a caller is answered, ms from the first dial, and how. */
export interface Answer {
  readonly kind: 'connected' | 'failed' | 'timeout'
  readonly at: number
}

export interface DialCase {
  readonly name: string
  /** What the peer store has from the beginning. */
  readonly stored?: readonly Place[]
  /** What it learns meanwhile. */
  readonly learnt?: { readonly at: number; readonly place: Place }
  /** For callers without one of their own, ms. */
  readonly dialTimeout?: number
  readonly callers: readonly CaseCaller[]
  /** Of each caller, where a round trip takes `roundTrip` and a refusal as long. */
  readonly answers: readonly Answer[]
  /** When the good address must be dialed. */
  readonly goodAt?: number
  /** The failure must list as many addresses, each with a cause. */
  readonly causes?: number
}

/** Between two addresses on one machine, ms: the scheduler's default. */
const stagger = 30
/** On virtual time, ms. */
export const roundTrip = 10

const times = (count: number, place: Place): Place[] => Array.from({ length: count }, () => place)
const connected = (at: number): Answer => ({ kind: 'connected', at })
const alone = (...places: Place[]): CaseCaller[] => [{ at: 0, places }]

export const cases: readonly DialCase[] = [
  {
    name: '1 silent + 1 good',
    callers: alone('silent', 'good'),
    goodAt: stagger,
    answers: [connected(stagger + roundTrip)]
  },
  {
    name: '2 silent + 1 good',
    callers: alone('silent', 'silent', 'good'),
    goodAt: 2 * stagger,
    answers: [connected(2 * stagger + roundTrip)]
  },
  {
    name: 'a good address enters the peer store at 200 ms',
    stored: ['silent'],
    learnt: { at: 200, place: 'good' },
    callers: alone(),
    goodAt: 200,
    answers: [connected(200 + roundTrip)]
  },
  {
    name: 'a joiner brings a good address at 200 ms',
    callers: [...alone('silent'), { at: 200, places: ['good'] }],
    goodAt: 200,
    answers: [connected(200 + roundTrip), connected(200 + roundTrip)]
  },
  {
    name: 'a joiner without a signal has the dial timeout, 1 s',
    dialTimeout: 1000,
    callers: [
      { at: 0, places: times(4, 'silent'), timeout: 2000 },
      { at: 200, places: [] }
    ],
    answers: [
      { kind: 'timeout', at: 2000 },
      { kind: 'timeout', at: 1200 }
    ]
  },
  {
    name: 'a joiner has his own deadline, 300 ms',
    callers: [
      { at: 0, places: times(4, 'silent'), timeout: 1000 },
      { at: 200, places: [], timeout: 300 }
    ],
    answers: [
      { kind: 'timeout', at: 1000 },
      { kind: 'timeout', at: 500 }
    ]
  },
  {
    name: '30 refused + 1 good, the last',
    callers: alone(...times(30, 'refused'), 'good'),
    // Each refusal lets the next begin.
    goodAt: 30 * roundTrip,
    answers: [connected(31 * roundTrip)]
  },
  {
    name: '12 refused: each is named with its cause',
    callers: alone(...times(12, 'refused')),
    causes: 12,
    answers: [{ kind: 'failed', at: 12 * roundTrip }]
  }
]

/** What was seen of a case. Times are ms from the first dial. */
export interface CaseRun {
  /** Of each caller; `answer` is also the error where there is one. */
  readonly answers: ReadonlyArray<Answer & { readonly error?: unknown }>
  /** When the good address was dialed. */
  readonly goodAt?: number
  /** When the peer store learnt, or the joiner came: on a busy machine not when it should. */
  readonly newsAt?: number
  /** Addresses that were dialed, as their failures name them. */
  readonly addresses: readonly string[]
}

interface Failure {
  attempts?: ReadonlyArray<{ address: string; stage: string; elapsed: number; error: Error }>
}

/** What is wrong with a run. `slack`: by how many ms things may be late. */
export function problemsOf({ answers, goodAt, causes }: DialCase, run: CaseRun, slack: number): string[] {
  const problems: string[] = []
  answers.forEach((wanted, i) => {
    const { kind, at } = run.answers[i]!
    const who = `caller ${i + 1}`
    if (kind !== wanted.kind) problems.push(`${who}: ${kind} instead of ${wanted.kind}`)
    if (at > wanted.at + slack) problems.push(`${who}: after ${Math.round(at)} ms instead of ${wanted.at}`)
    // A timer may be a millisecond early; what connects may be faster than on virtual time.
    if (kind === 'timeout' && at < wanted.at - 5) problems.push(`${who}: ${Math.round(at)} ms is before his time`)
  })
  if (goodAt !== undefined) {
    const due = run.newsAt ?? goodAt
    const { goodAt: began } = run
    if (began === undefined) problems.push('the good address was not dialed')
    else if (began > due + slack) problems.push(`the good address was dialed at ${Math.round(began)} ms`)
    else if (run.newsAt !== undefined && began < due - 5)
      problems.push('the good address was dialed before it was known')
  }
  if (causes !== undefined) problems.push(...missingCauses(causes, run))
  return problems
}

function missingCauses(count: number, { answers, addresses }: CaseRun): string[] {
  const { attempts = [] } = (answers[0]?.error ?? {}) as Failure
  const named = new Set(
    attempts.filter(({ error, stage }) => error.message !== '' && stage === 'connect').map(a => a.address)
  )
  const missing = addresses.filter(address => !named.has(address))
  if (addresses.length !== count) return [`${addresses.length} addresses instead of ${count}`]
  return missing.length === 0 ? [] : [`not named with a cause: ${missing.join(', ')}`]
}
