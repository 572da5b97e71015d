/** The files that a process may have open, and how many of them sockets may take. */

/** The soft limit of a Linux process, from the text of `/proc/self/limits`; undefined where it says none. */
export function parseOpenFiles(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+|unlimited) /m.exec(limits) ?? []
  if (soft === 'unlimited') return Number.POSITIVE_INFINITY
  return soft === undefined ? undefined : Number(soft)
}

/** An eighth, and 32 at least, is left for files, libraries and sockets that nobody has accepted: without any, a process fails. */
export function descriptorsOf(openFiles: number): number {
  if (openFiles === Number.POSITIVE_INFINITY) return openFiles
  return Math.max(1, openFiles - Math.max(32, Math.ceil(openFiles / 8)))
}
