import type { PrivateKey } from '@libp2p/interface'
import type { TestRunner } from '@weft/interface-connection/compliance'
import { type KeyStore, maxKeyNameLength } from '../key-store.ts'
import { type StoreSetup, usingStore } from './setup.ts'

/** Makes the key store under test. */
export interface KeyStoreSetup extends StoreSetup<KeyStore> {
  /** Two keys that are not equal. */
  readonly keys: () => Promise<readonly [PrivateKey, PrivateKey]>
}

const badNames = ['', '.', '..', 'a/b', 'a\\b', 'a b', 'a\n', 'ä', 'n'.repeat(maxKeyNameLength + 1)]

/** What every key store does. */
export function keyStoreSuite({ describe, it, expect }: TestRunner, options: KeyStoreSetup): void {
  const using = (use: Parameters<typeof usingStore<KeyStore>>[1]): Promise<void> => usingStore(options, use)

  describe('key store', () => {
    it('gives back the key that was put, under its name alone', () =>
      using(async ({ store }) => {
        const [key] = await options.keys()
        await store.put('first', key)
        expect((await store.get('first')).equals(key)).toBe(true)
        expect([await store.has('first'), await store.has('second')]).toEqual([true, false])
        await expect(store.get('second')).rejects.toMatchObject({ name: 'NotFoundError' })
      }))

    it('never overwrites a key', () =>
      using(async ({ store }) => {
        const [key, other] = await options.keys()
        await store.put('name', key)
        await expect(store.put('name', other)).rejects.toMatchObject({ name: 'KeyExistsError' })
        expect((await store.get('name')).equals(key)).toBe(true)
      }))

    it('lets one of several puts at the same time have the name', () =>
      using(async ({ store }) => {
        const keys = await options.keys()
        const outcomes = await Promise.allSettled(keys.map(async key => store.put('name', key)))
        const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [keys[i]!] : []))
        expect(winners.length).toBe(1)
        expect((await store.get('name')).equals(winners[0])).toBe(true)
      }))

    it('lists names, and forgets a key that is deleted, once and again', () =>
      using(async ({ store }) => {
        const [key, other] = await options.keys()
        expect(await store.list()).toEqual([])
        await store.put('a', key)
        await store.put('B.~!', other)
        expect((await store.list()).toSorted()).toEqual(['B.~!', 'a'])
        await store.delete('a')
        await store.delete('a')
        expect(await store.list()).toEqual(['B.~!'])
      }))

    it('refuses names that could not be those of files', () =>
      using(async ({ store }) => {
        const [key] = await options.keys()
        await store.put('n'.repeat(maxKeyNameLength), key)
        for (const name of badNames) {
          await expect(store.put(name, key)).rejects.toMatchObject({ name: 'InvalidParametersError' })
        }
        expect((await store.list()).length).toBe(1)
      }))

    it('stops when its signal has fired', () =>
      using(async ({ store }) => {
        const [key] = await options.keys()
        const signal = AbortSignal.abort(new Error('enough'))
        await expect(store.put('name', key, { signal })).rejects.toMatchObject({ message: 'enough' })
        expect(await store.has('name')).toBe(false)
      }))

    it('has its keys again after a restart, if it is persistent', () =>
      using(async ({ store, restart }) => {
        if (restart === undefined) return
        const [key] = await options.keys()
        await store.put('name', key)
        expect((await (await restart()).get('name')).equals(key)).toBe(true)
      }))
  })
}
