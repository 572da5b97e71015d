import type * as Internal from '@libp2p/interface-internal'
import { describe, expectTypeOf, it } from 'vitest'
import type * as Own from './contracts.ts'

/** True if each type can stand in the other's place. */
type Mutual<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

describe('contracts', () => {
  it('are assignable to those of interface-internal and back', () => {
    expectTypeOf<Mutual<Own.Registrar, Internal.Registrar>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.ConnectionManager, Internal.ConnectionManager>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.OpenConnectionOptions, Internal.OpenConnectionOptions>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.AddressManager, Internal.AddressManager>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.NodeAddress, Internal.NodeAddress>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.ConfirmAddressOptions, Internal.ConfirmAddressOptions>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.TransportManager, Internal.TransportManager>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.TransportManagerDialOptions, Internal.TransportManagerDialOptions>>().toEqualTypeOf<true>()
    expectTypeOf<Mutual<Own.RandomWalk, Internal.RandomWalk>>().toEqualTypeOf<true>()
  })

  it('take interface-internal’s map of connections for ours', () => {
    type Theirs = ReturnType<Internal.ConnectionManager['getConnectionsMap']>
    expectTypeOf<Theirs>().toExtend<Own.PeerMap<unknown>>()
  })
})
