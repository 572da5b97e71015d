import { describe, expect, it } from 'vitest'
import { tcp, type TCPOptions } from './index.ts'

describe('options', () => {
  const wrong: Array<[string, TCPOptions]> = [
    ['inboundSocketInactivityTimeout', { inboundSocketInactivityTimeout: -1 }],
    ['outboundSocketInactivityTimeout', { outboundSocketInactivityTimeout: Number.POSITIVE_INFINITY }],
    ['socketCloseTimeout', { socketCloseTimeout: 0 }],
    ['maxConnections', { maxConnections: 1.5 }],
    ['backlog', { backlog: 0 }],
    ['listenBelow', { closeServerOnMaxConnections: { listenBelow: 0, closeAbove: 1 } }],
    ['closeAbove', { closeServerOnMaxConnections: { listenBelow: 2, closeAbove: 1 } }]
  ]
  it.each(wrong)('names %s when it cannot be', (name, options) => {
    expect(() => tcp(options)).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining(name) })
    )
  })

  it('takes no limit at all', () => {
    expect(() => tcp({ maxConnections: Number.POSITIVE_INFINITY, inboundSocketInactivityTimeout: 0 })).not.toThrow()
  })
})
