// Who may import whom (ARCHITECTURE.md, "Layers"). Tests may import more: they stand in place of the user.
const groups = 'swarm|nat|transports|muxers|crypto|routing|discovery|records|pubsub'
const implementation = `^packages/(${groups})/(?!interface-)`
const tests = '\\.test\\.ts$|/test/'

// The few implementations that stand on another one.
const exceptions = {
  'swarm/swarm': ['swarm/dialer'],
  'transports/cjdns': ['transports/utp'],
  'transports/quic': ['crypto/tls'],
  'records/kad-record-store': ['routing/kad-routing', 'records/record', 'records/datastore-record-store'],
  'records/mdns-record-store': ['discovery/mdns-discovery'],
  'routing/mdns-routing': ['discovery/mdns-discovery']
}
const excepted = Object.keys(exceptions).join('|')

module.exports = {
  forbidden: [
    {
      name: 'every-folder-has-a-group',
      severity: 'error',
      from: { path: `^packages/(?!(libp2p|generic|${groups})/)` },
      to: {}
    },
    {
      name: 'no-undeclared',
      severity: 'error',
      from: { pathNot: tests },
      // An optional peer is declared, though the tool takes its `peerDependenciesMeta` for a list of something else.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] }
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'generic-imports-only-generic',
      severity: 'error',
      from: { path: '^packages/generic/', pathNot: `${tests}|^packages/generic/repo/` },
      to: { path: '^(packages|apps)/', pathNot: '^packages/generic/' }
    },
    {
      // A repository fulfils the contracts of what keeps things.
      name: 'repo-imports-generic-and-the-contracts-of-storage',
      severity: 'error',
      from: { path: '^packages/generic/repo/', pathNot: tests },
      to: { path: '^(packages|apps)/', pathNot: '^packages/(generic|records/interface-storage)/' }
    },
    {
      name: 'interfaces-import-generic-and-interfaces',
      severity: 'error',
      from: { path: '^packages/[^/]+/interface-', pathNot: tests },
      to: { path: '^(packages|apps)/', pathNot: '^packages/(generic/|[^/]+/interface-)' }
    },
    {
      name: 'implementations-do-not-import-one-another',
      severity: 'error',
      from: { path: `^packages/(${groups})/((?!interface-)[^/]+)/`, pathNot: `${tests}|^packages/(${excepted})/` },
      to: { path: implementation, pathNot: '^packages/$1/$2/' }
    },
    ...Object.entries(exceptions).map(([folder, allowed]) => ({
      name: `${folder}-imports-only-its-exceptions`,
      severity: 'error',
      from: { path: `^packages/${folder}/`, pathNot: tests },
      to: { path: implementation, pathNot: `^packages/(${[folder, ...allowed].join('|')})/` }
    })),
    {
      name: 'nothing-imports-the-facade',
      severity: 'error',
      from: { path: '^packages/(?!libp2p/)', pathNot: tests },
      to: { path: '^packages/libp2p/' }
    },
    {
      name: 'contracts-by-type-only',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: tests },
      to: { path: 'node_modules/@libp2p/', dependencyTypesNot: ['type-only'] }
    },
    {
      name: 'core-does-no-io',
      severity: 'error',
      from: { path: ['/src/core/', '/src/control/core/'], pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] }
    }
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['weft-source', 'import', 'node', 'default'] }
  }
}
