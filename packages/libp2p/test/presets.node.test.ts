import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createLibp2p, nodeDefaults } from '../src/index.ts'
import { userAgent } from '../src/user-agent.node.ts'
import { name, version } from '../src/version.ts'

describe('on Node', () => {
  it('the preset makes nodes that ping each other over TCP', async () => {
    const addresses = { listen: ['/ip4/127.0.0.1/tcp/0'] }
    const [a, b] = await Promise.all([
      createLibp2p({ ...nodeDefaults(), addresses }),
      createLibp2p({ ...nodeDefaults(), addresses })
    ])
    expect(await a.services.ping.ping(b.getMultiaddrs())).toBeGreaterThan(0)
    await Promise.all([a.stop(), b.stop()])
  })

  it('the version is that of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(version).toBe(manifest.version)
    expect(userAgent()).toBe(`${name}/${version} node/${process.versions.node}`)
    expect(userAgent('app', '1')).toMatch(/^app\/1 node\//)
  })
})
