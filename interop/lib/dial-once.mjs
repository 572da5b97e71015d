// One dial between two peers by the transport-interop convention (../README.md, "Foreign peers").
import { runDialer, runListener } from './program.mjs'
import { startRedis } from './redis.mjs'

/** Resolves with the dialer's report. `env` says what both are, and what the dialer checks; both end within `limitMs`. */
export async function dialOnce(dialer, listener, { limitMs, env }) {
  const redis = await startRedis()
  const both = {
    ...env,
    transport: 'tcp',
    ip: '127.0.0.1',
    redis_addr: redis.address,
    test_timeout_seconds: `${limitMs / 1000}`
  }
  const listening = runListener(listener.command, { ...both, is_dialer: 'false' })
  const dialing = runDialer(dialer.command, { ...both, is_dialer: 'true' })
  try {
    return await Promise.race([dialing.line, listening.ended])
  } catch (error) {
    error.message += `\nlistener: ${listening.log()}`
    throw error
  } finally {
    listening.kill()
    dialing.kill()
    redis.close()
  }
}
