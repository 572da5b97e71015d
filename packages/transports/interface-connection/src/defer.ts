/**
 * Runs `task` when what happens now is done: after the promises that are about to continue, so that everything they
 * send leaves in one write. On Node the check phase follows at once; a browser has only the microtask queue.
 */
export const defer: (task: () => void) => void = chooseDefer()

function chooseDefer(): (task: () => void) => void {
  const { setImmediate } = globalThis as { setImmediate?: (task: () => void) => void }
  return setImmediate ?? (task => queueMicrotask(task))
}
