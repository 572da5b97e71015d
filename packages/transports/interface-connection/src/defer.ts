/**
 * Runs `task` when what happens now is done: after the promises that are about to continue, so that everything they
 * send leaves in one write.
 */
export const defer: (task: () => void) => void = chooseDefer()

function chooseDefer(): (task: () => void) => void {
  const { process } = globalThis as { process?: { nextTick?: (task: () => void) => void } }
  const nextTick = process?.nextTick
  // On Node ticks come after all microtasks, also those that microtasks add, and before the next I/O.
  if (nextTick !== undefined) return task => queueMicrotask(() => nextTick(task))
  return task => queueMicrotask(task)
}
