/** A store under test. */
export interface StoreUnderTest<Store> {
  readonly store: Store
  /** For a persistent store: the same data, opened anew as after the end of the process. */
  readonly restart?: () => Promise<Store>
}

/** Makes the store under test. */
export interface StoreSetup<Store> {
  /** Called at the beginning of each test. What it makes is empty and open. */
  readonly setup: () => Promise<StoreUnderTest<Store>>
  /** Called at the end of each test, whatever came of it. */
  readonly teardown: () => Promise<void>
}

/** Runs `use` with a store of its own. */
export async function usingStore<Store>(
  { setup, teardown }: StoreSetup<Store>,
  use: (parts: StoreUnderTest<Store>) => Promise<void>
): Promise<void> {
  try {
    await use(await setup())
  } finally {
    await teardown()
  }
}

/** All items of what may be synchronous or not. */
export async function all<T>(source: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}
