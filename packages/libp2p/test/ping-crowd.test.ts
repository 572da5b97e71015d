import { expect, it } from 'vitest'
import { runPingCrowd } from './ping-crowd.ts'

it('50 whole nodes ping each other on virtual time, and leave no timer', async () => {
  const outcome = await runPingCrowd(50)
  expect(outcome).toMatchObject({ pings: 50, connections: 50, timers: 0 })
  expect(outcome.time).toBeLessThan(10_000)
})
