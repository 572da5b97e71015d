import { networkInterfaces } from 'node:os'
import { expect, it } from 'vitest'
import { getThinWaistAddresses, multiaddr } from './index.ts'

it('asks the machine for its interfaces', () => {
  const ip4 = Object.values(networkInterfaces())
    .flat()
    .filter(entry => entry?.family === 'IPv4' && !entry.address.startsWith('169.254.'))
  const expected = ip4.map(entry => `/ip4/${entry!.address}/tcp/80`)
  expect(getThinWaistAddresses(multiaddr('/ip4/0.0.0.0/tcp/80')).map(String)).toEqual(expected)
})
