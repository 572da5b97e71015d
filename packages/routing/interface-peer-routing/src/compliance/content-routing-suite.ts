import type { ContentRouting, PeerId, Provider } from '@libp2p/interface'
import type { TestRunner } from '@weft/interface-connection/compliance'
import type { CID } from 'multiformats/cid'

/** A content router on a network of its own, and what it may be asked there. */
export interface ContentRoutingParts {
  /** The router under test. */
  readonly router: ContentRouting
  /** Another router of the same network, which sees what the first has provided and put; the same one where there is only one. */
  readonly other: ContentRouting
  /** The peer as which `router` provides. */
  readonly self: PeerId
  /** Content that nobody provides. */
  readonly cid: CID
  /** A key under which nothing is stored. */
  readonly key: Uint8Array
  /** Two values that are valid under `key`: the second is the better one. */
  readonly values: readonly [Uint8Array, Uint8Array]
  /** Bytes that are not valid under `key`. */
  readonly invalid: Uint8Array
}

/** Makes the router under test. */
export interface ContentRoutingSetup {
  /** Called at the beginning of each test. */
  readonly setup: () => Promise<ContentRoutingParts>
  /** Called at the end of each test, whatever came of it. */
  readonly teardown: () => Promise<void>
}

/** What every content router does. */
export function contentRoutingSuite({ describe, it, expect }: TestRunner, options: ContentRoutingSetup): void {
  const using = async (use: (parts: ContentRoutingParts) => Promise<void>): Promise<void> => {
    const parts = await options.setup()
    try {
      await use(parts)
    } finally {
      await options.teardown()
    }
  }
  const enough = { signal: AbortSignal.abort(new Error('enough')) }

  describe('content routing', () => {
    it('finds who provides a content, each provider once', () =>
      using(async ({ router, other, self, cid }) => {
        await router.provide(cid)
        const found = await all(other.findProviders(cid))
        expect(found.map(({ id }) => id.toString())).toEqual([self.toString()])
      }))

    it('finds nobody where nobody provides, and ends', () =>
      using(async ({ router, cid }) => {
        expect(await all(router.findProviders(cid))).toEqual([])
      }))

    it('lets a caller leave the search early', () =>
      using(async ({ router, other, self, cid }) => {
        await router.provide(cid)
        for await (const { id } of other.findProviders(cid)) {
          expect(id.equals(self)).toBe(true)
          break
        }
      }))

    it('stops providing again when it is told to, once and again', () =>
      using(async ({ router, cid }) => {
        await router.provide(cid)
        await router.cancelReprovide(cid)
        await router.cancelReprovide(cid)
      }))

    it('gets the value that was put, and of several the best', () =>
      using(async ({ router, other, key, values: [worse, better] }) => {
        await router.put(key, worse)
        expect(text(await other.get(key))).toBe(text(worse))
        await other.put(key, better)
        expect(text(await router.get(key))).toBe(text(better))
      }))

    it('keeps the better value when a worse one is put after it', () =>
      using(async ({ router, other, key, values: [worse, better] }) => {
        await router.put(key, better)
        await Promise.allSettled([other.put(key, worse)])
        expect(text(await router.get(key))).toBe(text(better))
      }))

    it('refuses a value that is not valid under its key', () =>
      using(async ({ router, other, key, invalid }) => {
        await rejected(router.put(key, invalid))
        await expect(other.get(key)).rejects.toMatchObject({ name: 'NotFoundError' })
      }))

    it('says so when it finds no value', () =>
      using(async ({ router, key }) => {
        await expect(router.get(key)).rejects.toMatchObject({ name: 'NotFoundError' })
      }))

    it('stops when its signal has fired', () =>
      using(async ({ router, cid, key, values: [value] }) => {
        const reason = { message: 'enough' }
        await expect(router.provide(cid, enough)).rejects.toMatchObject(reason)
        await expect(all(router.findProviders(cid, enough))).rejects.toMatchObject(reason)
        await expect(router.put(key, value, enough)).rejects.toMatchObject(reason)
        await expect(router.get(key, enough)).rejects.toMatchObject(reason)
      }))
  })

  /** An error of any name: what is wrong with a value is its namespace's to say. */
  async function rejected(promise: Promise<unknown>): Promise<void> {
    const outcome = await promise.then(
      () => 'stored',
      error => error instanceof Error
    )
    expect(outcome).toBe(true)
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

async function all(found: AsyncIterable<Provider>): Promise<Provider[]> {
  const providers: Provider[] = []
  for await (const provider of found) providers.push(provider)
  return providers
}
