import { describe, expect, it } from 'vitest'
import { descriptorsOf, parseOpenFiles } from './open-files.ts'

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             95883                95883                processes
Max open files            1024                 1048576              files
Max locked memory         8388608              8388608              bytes
`

describe('open files', () => {
  it('are read from what Linux says of a process', () => {
    expect(parseOpenFiles(limits)).toBe(1024)
    expect(parseOpenFiles(limits.replace('1024   ', 'unlimited'))).toBe(Number.POSITIVE_INFINITY)
    expect(parseOpenFiles('Max processes 1 1 processes\n')).toBeUndefined()
    expect(parseOpenFiles('')).toBeUndefined()
  })

  it.each([
    [1_048_576, 917_504],
    [1024, 896],
    [256, 224],
    [64, 32],
    [16, 1],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  ])('of %d sockets may take %d', (openFiles, descriptors) => {
    expect(descriptorsOf(openFiles)).toBe(descriptors)
  })
})
