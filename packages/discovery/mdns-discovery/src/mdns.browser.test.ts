import { describe, expect, it } from 'vitest'
import { mdns } from './index.ts'

describe('in a browser', () => {
  it('says at once that there is no multicast', () => {
    expect(() => mdns()).toThrow(expect.objectContaining({ name: 'UnsupportedOperationError' }))
  })
})
