import { expect, it, vi } from 'vitest'

it('is off where the environment says so: nothing is detached, and no socket is read past its stream', async () => {
  vi.stubEnv('WEFT_TUNING', 'off')
  vi.resetModules()
  const { isTuned, readDirectly, releaseMemory } = await import('./tuning.node.ts')
  vi.unstubAllEnvs()
  const view = new Uint8Array(65_536)
  releaseMemory(view)
  const push = (): boolean => true
  const socket = { push, readableFlowing: true, readableLength: 0 }
  readDirectly(socket, () => true)
  expect([isTuned, view.byteLength, socket.push]).toEqual([false, 65_536, push])
})
