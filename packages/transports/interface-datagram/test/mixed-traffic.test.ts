import { expect, it } from 'vitest'
import { mixedTraffic } from './mixed-traffic.ts'

it('100,000 packets of five protocols between one pair of sockets come to their owners', async () => {
  const { sent, delivered, first, misdelivered, dropped } = await mixedTraffic(100_000, 7)
  const sum = (counts: object): number => Object.values(counts).reduce((total, count) => total + count, 0)
  expect({ misdelivered, dropped }).toEqual({ misdelivered: 0, dropped: 0 })
  expect(sum(delivered) + sum(first)).toBe(sent)
  for (const count of Object.values(delivered)) expect(count).toBeGreaterThan(15_000)
  for (const protocol of ['utp', 'udt', 'udp', 'quic'] as const) expect(first[protocol]).toBeGreaterThan(500)
})
