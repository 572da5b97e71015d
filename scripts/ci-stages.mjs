// What `.ci/run` and `.ci/long` run. `limit`: seconds, five times what the stage takes where nothing else runs. Stages of a lane
// follow each other, lanes run beside each other: one computes, the other mostly waits. `after`: stages that have ended before.

export const push = [
  // Installs the locked packages first.
  { name: 'build', lane: 'computing', limit: 600, command: 'npm run build' },
  { name: 'test', lane: 'computing', limit: 1200, command: 'npm test' },
  { name: 'lint', lane: 'computing', limit: 600, command: 'npm run lint' },
  { name: 'fuzz', lane: 'computing', limit: 1800, command: 'npm run fuzz -- --seconds 150 --seed 1' },
  { name: 'properties', lane: 'computing', limit: 600, command: 'npm run test:properties' },
  { name: 'sim-dial', lane: 'computing', limit: 180, command: 'npm run sim:dial' },
  { name: 'sim-dht', lane: 'computing', limit: 1200, command: 'npm run sim:dht -- --only static --lookups 200' },
  { name: 'sim-dial-peers', lane: 'computing', limit: 240, command: 'npm run sim:dial -- --peers 10000' },
  // Foreign peers are installed and compiled while the tests run.
  { name: 'peers', lane: 'waiting', limit: 900, command: 'node scripts/prepare-peers.mjs' },
  { name: 'compliance', lane: 'waiting', limit: 600, command: 'npm run test:compliance', after: ['build'] },
  { name: 'legacy', lane: 'waiting', limit: 900, command: 'npm run test:interop -- legacy', after: ['build'] },
  { name: 'interop', lane: 'waiting', limit: 1200, command: 'npm run test:interop', after: ['build'] },
  { name: 'examples', lane: 'waiting', limit: 120, command: 'npm run examples', after: ['build'] },
  { name: 'untuned', lane: 'waiting', limit: 900, command: 'npm run test:untuned', after: ['build'] },
  { name: 'mdns', lane: 'waiting', limit: 300, command: 'npm run test:mdns', after: ['build'] },
  { name: 'runtimes', lane: 'waiting', limit: 300, command: 'npm run test:runtimes -- --short', after: ['build'] },
  // Its bounds are times: it runs where nothing else does.
  {
    name: 'flood',
    lane: 'waiting',
    limit: 1200,
    command: 'npm run flood -- --short',
    after: ['build', 'sim-dial-peers']
  }
]

/** By hand, one after the other: hours. */
export const long = [
  { name: 'build', lane: 'all', limit: 3600, command: 'npm run build' },
  { name: 'properties', lane: 'all', limit: 7200, command: 'npm run test:properties -- --long' },
  { name: 'fuzz', lane: 'all', limit: 7200, command: 'npm run fuzz -- --seconds 3600' },
  { name: 'flood', lane: 'all', limit: 3600, command: 'npm run flood' },
  { name: 'idle', lane: 'all', limit: 3600, command: 'npm run test:idle' },
  { name: 'interop', lane: 'all', limit: 7200, command: 'npm run test:interop -- --kill-all' },
  { name: 'rust', lane: 'all', limit: 7200, command: 'npm run test:interop -- rust' },
  { name: 'python', lane: 'all', limit: 3600, command: 'npm run test:interop -- python' },
  { name: 'bench', lane: 'all', limit: 7200, command: 'npm run bench' },
  { name: 'bench-gate', lane: 'all', limit: 7200, command: 'npm run bench:gate' },
  { name: 'bench-peers', lane: 'all', limit: 7200, command: 'npm run bench:peers' },
  { name: 'bench-growth', lane: 'all', limit: 7200, command: 'npm run bench:growth' },
  { name: 'bench-sim', lane: 'all', limit: 1800, command: 'npm run bench:sim' },
  { name: 'sim-dht', lane: 'all', limit: 14_400, command: 'npm run sim:dht' },
  { name: 'postgres', lane: 'all', limit: 1800, command: 'npm run test:postgres' },
  { name: 'release-check', lane: 'all', limit: 1800, command: 'npm run release:check' },
  { name: 'runtimes', lane: 'all', limit: 1800, command: 'npm run test:runtimes' },
  { name: 'slow-reader', lane: 'all', limit: 7200, command: 'npm run test:slow-reader' },
  { name: 'soak', lane: 'all', limit: 14_400, command: 'npm run soak' }
]
