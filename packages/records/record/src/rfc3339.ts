/** Times as records write them: RFC 3339 in UTC, with nine digits of a second. */

const form = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z$/
const nanosecondsOfMillisecond = 1_000_000n
const zeros = '000000'

/** Milliseconds since 1970 as `2026-01-31T12:00:00.123000000Z`. Throws `RangeError` outside the years 0 to 9999. */
export function formatTime(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString()
  if (text.length !== '2026-01-31T12:00:00.123Z'.length) throw new RangeError('the time is not within four-digit years')
  return `${text.slice(0, -1)}${zeros}Z`
}

/**
 * Nanoseconds since 1970, or undefined where the text is no such time. A peer of 2016 writes the fraction without its
 * leading zeros; that cannot be told from a short fraction, and is read as one.
 */
export function parseTime(text: string): bigint | undefined {
  const match = form.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = ''] = match
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // Date.parse takes the 30th of February for the 1st or 2nd of March.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).getUTCDate() !== Number(day)) return undefined
  return BigInt(milliseconds) * nanosecondsOfMillisecond + BigInt(fraction.padEnd(9, '0'))
}

/** Milliseconds of a clock as the nanoseconds of `parseTime`. */
export function toNanoseconds(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds)) * nanosecondsOfMillisecond
}
