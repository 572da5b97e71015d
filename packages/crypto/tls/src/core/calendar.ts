/** Times as certificates write them, in UTC: `YYYYMMDDhhmmss`. Arithmetic alone, as nothing here may ask for the time. */

const day = 86_400
// From the first of March of the year 0 to the first day of 1970: leap days then stand at the end of a year.
const daysTo1970 = 719_468

/** Milliseconds since 1970; nothing for a time that does not exist. Years 0 to 9999. */
export function timeOf(digits: string): number | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)
  if (found === null) return undefined
  const [year = 0, month = 0, dayOfMonth = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number)
  const fromMarch = month > 2 ? year : year - 1
  const days = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + dayOfMonth - 1
  const leaps = Math.floor(fromMarch / 4) - Math.floor(fromMarch / 100) + Math.floor(fromMarch / 400)
  const time = ((fromMarch * 365 + leaps + days - daysTo1970) * day + hour * 3600 + minute * 60 + second) * 1000
  // The 30th of February, the 13th month and 24 o'clock are other times' names.
  return digitsOf(time) === digits ? time : undefined
}

/** The digits of a time in milliseconds since 1970; what is below a second is left out. Years 0 to 9999. */
export function digitsOf(time: number): string {
  const seconds = Math.floor(time / 1000)
  const days = Math.floor(seconds / day) + daysTo1970
  // 400 years have 146,097 days.
  const era = Math.floor(days / 146_097)
  const ofEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * ofYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const dayOfMonth = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const ofDay = seconds - Math.floor(seconds / day) * day
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60].map(two)
  return [String(year).padStart(4, '0'), two(month), two(dayOfMonth), ...clock].join('')
}
