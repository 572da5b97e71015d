const settled = Promise.resolve()

/** Runs `task` in a microtask, for less than `queueMicrotask` on Node, which makes an object for async hooks, too. */
export function microtask(task: () => void): void {
  void settled.then(task)
}

/**
 * Runs `task` when what happens now is done: after the promises that are about to continue, so that everything they
 * send leaves in one write.
 */
export const endOfTurn: (task: () => void) => void = chooseEndOfTurn()

function chooseEndOfTurn(): (task: () => void) => void {
  const { process } = globalThis as { process?: { nextTick?: (task: () => void) => void } }
  const nextTick = process?.nextTick
  // On Node ticks come after all microtasks, also those that microtasks add, and before the next I/O.
  if (nextTick !== undefined) return task => microtask(() => nextTick(task))
  return microtask
}
