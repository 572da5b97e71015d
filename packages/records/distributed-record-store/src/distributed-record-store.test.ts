import type { ContentRouting } from '@libp2p/interface'
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { datastoreRecordStore } from '@weft/datastore-record-store'
import { contentRoutingSymbol } from '@weft/interface-peer-routing'
import { type FoundRecord, type RecordStore, recordStoreSymbol } from '@weft/interface-record-store'
import { recordStoreSuite, suiteKey, suiteRecord, suiteValidators } from '@weft/interface-record-store/compliance'
import { MemoryDatastore } from '@weft/memory-datastore'
import { describe, expect, it } from 'vitest'
import { type DistributedRecordStore, distributedRecordStore } from './index.ts'

/** What the service has under the symbols. */
interface Offered {
  readonly [contentRoutingSymbol]: ContentRouting
  readonly [recordStoreSymbol]: RecordStore
}

const validators = suiteValidators(() => 0)
const key = suiteKey('key')

function local(name: string): RecordStore {
  return datastoreRecordStore({ datastore: new MemoryDatastore(), validators, name, persistent: false })
}

function distributed(stores: RecordStore[], timeout = 60_000): DistributedRecordStore {
  return distributedRecordStore({ stores, validators, timeout })({})
}

/** Never answers, and does not look at its signal. */
function hanging(): RecordStore {
  const never = new Promise<never>(() => {})
  return {
    ...local('hanging'),
    put: async () => never,
    async *get(): AsyncGenerator<FoundRecord> {
      yield await never
    },
    getBest: async () => never,
    delete: async () => never
  }
}

function throwing(): RecordStore {
  const fail = (): never => {
    throw new Error('broken')
  }
  return { ...local('throwing'), put: fail, get: fail, getBest: fail, delete: fail }
}

/** Says of any bytes that they are valid. */
function lying(record: Uint8Array): RecordStore {
  return {
    ...local('lying'),
    async put() {
      return [{ to: { store: 'lying' }, status: 'stored' }]
    },
    async *get() {
      yield { record, from: { store: 'lying' }, valid: true }
    }
  }
}

recordStoreSuite(
  { describe, it, expect },
  {
    setup: async ({ validators: table }) => {
      const store = (name: string): RecordStore =>
        datastoreRecordStore({ datastore: new MemoryDatastore(), validators: table, name, persistent: false })
      // The suite counts one answer a place that holds a record: of two places, one is another's mirror.
      return { store: distributedRecordStore({ stores: [store('one')], validators: table })({}) }
    },
    teardown: async () => {}
  }
)

describe('a put', () => {
  it('tells what each store did, and counts those that stored', async () => {
    const one = local('one')
    await one.put(key, suiteRecord(5))
    const store = distributed([one, local('two'), throwing(), hanging()], 50)
    const outcomes = await store.put(key, suiteRecord(3))
    expect(outcomes.map(({ to, status }) => `${to.store} ${status}`)).toEqual([
      'one outdated',
      'two stored',
      'throwing failed',
      'hanging failed'
    ])
    expect(outcomes.at(-1)).toMatchObject({ error: { name: 'TimeoutError' } })
    await expect(store.put(key, suiteRecord(3), { quorum: 2 })).rejects.toMatchObject({
      name: 'QuorumError',
      quorum: 2
    })
  })
})

describe('a get', () => {
  it('of a hanging, a lying and a throwing store ends at the quorum with the best valid record', async () => {
    const good = local('good')
    await good.put(key, suiteRecord(7))
    const store = distributed([hanging(), lying(fromUtf8('forged')), throwing(), good])
    const { best, outcomes } = await store.lookup(key, { quorum: 1 })
    expect(toUtf8(best!)).toBe(toUtf8(suiteRecord(7)))
    expect(outcomes.map(({ store: name, status }) => `${name} ${status}`)).toEqual([
      'hanging unanswered',
      'lying invalid',
      'throwing failed',
      'good best'
    ])
    expect(toUtf8(await store.getBest(key, { quorum: 1 }))).toBe(toUtf8(suiteRecord(7)))
  })

  it('puts the best record where a worse one or none was, but none into what is shared and had none', async () => {
    const [fresh, stale, empty] = [local('fresh'), local('stale'), local('empty')]
    const shared = { ...local('shared'), capabilities: { ...empty.capabilities, shared: true } }
    const network = datastoreRecordStore({
      datastore: new MemoryDatastore(),
      validators,
      name: 'network',
      shared: true
    })
    await fresh.put(key, suiteRecord(2))
    await stale.put(key, suiteRecord(1))
    const { repaired, outcomes } = await distributed([stale, fresh, empty, network]).lookup(key)
    expect(outcomes.map(({ status }) => status)).toEqual(['outdated', 'best', 'nothing', 'nothing'])
    expect((await repaired).map(({ to, status }) => `${to.store} ${status}`)).toEqual(['stale stored', 'empty stored'])
    for (const repairedStore of [stale, empty]) {
      expect(toUtf8(await repairedStore.getBest(key))).toBe(toUtf8(suiteRecord(2)))
    }
    await expect(network.getBest(key)).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(shared.capabilities.shared).toBe(true)
  })

  it('says of each store why nothing was found', async () => {
    const store = distributed([local('one'), lying(fromUtf8('forged')), throwing()])
    await expect(store.getBest(key)).rejects.toMatchObject({
      name: 'NotFoundError',
      message: expect.stringContaining('one: nothing, lying: invalid, throwing: broken')
    })
  })

  it('takes no more than 256 records of a store that never ends', async () => {
    let given = 0
    let ended = false
    const endless: RecordStore = {
      ...local('endless'),
      async *get() {
        try {
          for (;;) {
            given++
            yield { record: fromUtf8('forged'), from: { store: 'endless' }, valid: true }
          }
        } finally {
          ended = true
        }
      }
    }
    expect((await distributed([endless]).lookup(key)).outcomes).toEqual([{ store: 'endless', status: 'invalid' }])
    expect([given, ended]).toEqual([256, true])
  })

  it('that is left, or whose signal fires, tells the stores to stop', async () => {
    const signals: AbortSignal[] = []
    const watching: RecordStore = {
      ...local('watching'),
      async *get(_key, options) {
        signals.push(options!.signal!)
        yield { record: suiteRecord(1), from: { store: 'watching' }, valid: true }
        await new Promise(() => {})
      }
    }
    const store = distributed([watching])
    for await (const { valid } of store.get(key)) {
      expect(valid).toBe(true)
      break
    }
    const controller = new AbortController()
    const reading = (async () => {
      for await (const { valid } of store.get(key, { signal: controller.signal })) expect(valid).toBe(true)
    })()
    await Promise.resolve()
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })
})

describe('as a service', () => {
  it('offers put and get to the content routing of its node, and makes stores of its components', async () => {
    const datastore = new MemoryDatastore()
    const service = distributedRecordStore<{ datastore: MemoryDatastore }>({
      stores: [components => datastoreRecordStore({ datastore: components.datastore, validators })],
      validators
    })({ datastore })
    const { [contentRoutingSymbol]: routing, [recordStoreSymbol]: store } = service as unknown as Offered
    expect(store).toBe(service)
    await routing.put(key, suiteRecord(1))
    expect(toUtf8(await routing.get(key))).toBe(toUtf8(suiteRecord(1)))
    expect([...datastore.queryKeys({})].length).toBe(1)
  })

  it('needs a store', () => {
    expect(() => distributedRecordStore({ stores: [], validators })).toThrow('at least one record store')
  })
})
