import { checkOptions, delay, InvalidParametersError, type OptionTable, type TellNotices } from '@weft/errors'

/** Options of `randomWalk`. */
export interface RandomWalkInit {
  /** Milliseconds from the start of the node to the first walk: connections are made first. @default 1000 */
  delay?: number | undefined
  /** Milliseconds between two walks while they fill the table; each that brings nothing doubles it. @default 5000 */
  minInterval?: number | undefined
  /** Milliseconds between two walks when the table is full, or walks bring nothing. @default 600000 */
  maxInterval?: number | undefined
  /** Milliseconds that a walk may take. @default 30000 */
  timeout?: number | undefined
}

/** The same with their defaults. */
export type Settings = { readonly [K in keyof Required<RandomWalkInit>]: number }

const options: OptionTable<RandomWalkInit> = {
  delay: delay(0),
  minInterval: delay(1),
  maxInterval: delay(1),
  timeout: delay(1)
}

/** Throws `InvalidParametersError` that names the option. */
export function checkInit(init: RandomWalkInit): TellNotices {
  const tellNotices = checkOptions('randomWalk', options, init)
  const { minInterval, maxInterval } = settingsOf(init)
  if (minInterval <= maxInterval) return tellNotices
  throw new InvalidParametersError('randomWalk: minInterval is longer than maxInterval', {
    facts: { option: 'minInterval' }
  })
}

/** With their defaults. */
export function settingsOf({ delay, minInterval, maxInterval, timeout }: RandomWalkInit): Settings {
  return {
    delay: delay ?? 1000,
    minInterval: minInterval ?? Math.min(5000, maxInterval ?? 5000),
    maxInterval: maxInterval ?? Math.max(600_000, minInterval ?? 0),
    timeout: timeout ?? 30_000
  }
}
