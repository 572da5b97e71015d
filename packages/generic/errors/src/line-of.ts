/** Name and message of an error in one line, for a log. What the line breaks of a message were is a space. */
export function lineOf(error: Error): string {
  return `${error.name}: ${error.message.replaceAll(/\s+/g, ' ')}`
}
