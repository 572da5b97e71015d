import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { testComponents, transportSuite } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { afterAll, describe, expect, it } from 'vitest'
import { tcp } from '../src/index.ts'

const runner = { describe, it, expect }
const foreignAddr = multiaddr('/ip4/127.0.0.1/udp/9/quic-v1')
const make = () => tcp()(testComponents())

describe('over IPv4', () => {
  const listenAddrs = [1, 2, 3].map(n => multiaddr(`/ip4/127.0.0.${n}/tcp/0`))
  const deadAddr = multiaddr('/ip4/127.0.0.1/tcp/1')
  transportSuite(runner, { setup: async () => ({ transport: make(), listenAddrs, deadAddr, foreignAddr }) })
})

describe('over IPv6', () => {
  const listenAddrs = [multiaddr('/ip6/::1/tcp/0'), multiaddr('/ip6/::1/tcp/0')]
  const deadAddr = multiaddr('/ip6/::1/tcp/1')
  transportSuite(runner, { setup: async () => ({ transport: make(), listenAddrs, deadAddr, foreignAddr }) })
})

describe('over unix sockets', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weft-tcp-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let n = 0
  const next = () => multiaddr(`/unix/${encodeURIComponent(path.join(folder, `${n++}.sock`))}`)
  transportSuite(runner, {
    tellsOfAborts: false,
    setup: async () => ({ transport: make(), listenAddrs: [next(), next()], deadAddr: next(), foreignAddr })
  })
})
