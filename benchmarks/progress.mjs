/** What is being done, on the last line of a terminal; without an argument the line is cleared. Logs get nothing. */
export function progress(line = '') {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}
