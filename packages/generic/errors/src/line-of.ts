/** Name and message of an error in one line, for a log. Line breaks become spaces. */
export function lineOf(error: Error): string {
  return `${error.name}: ${error.message.replaceAll(/\s+/g, ' ')}`
}
