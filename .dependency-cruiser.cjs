// Who may import whom (ARCHITECTURE.md, "Layers"). Tests may import more: they stand in place of the user.
const implementation = '^packages/(swarm|transports|muxers|crypto|routing|discovery)/(?!interface-)'

module.exports = {
  forbidden: [
    {
      name: 'no-undeclared',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|/test/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'generic-imports-only-generic',
      severity: 'error',
      from: { path: '^packages/generic/', pathNot: '\\.test\\.ts$|/test/' },
      to: { path: '^(packages|apps)/', pathNot: '^packages/generic/' }
    },
    {
      name: 'interfaces-import-generic-and-interfaces',
      severity: 'error',
      from: { path: '^packages/[^/]+/interface-', pathNot: '\\.test\\.ts$|/test/' },
      to: { path: '^(packages|apps)/', pathNot: '^packages/(generic/|[^/]+/interface-)' }
    },
    {
      name: 'implementations-do-not-import-one-another',
      severity: 'error',
      from: {
        path: '^packages/(swarm|transports|muxers|crypto|routing|discovery)/((?!interface-)[^/]+)/',
        pathNot: '\\.test\\.ts$|/test/'
      },
      to: { path: implementation, pathNot: '^packages/$1/$2/' }
    },
    {
      name: 'nothing-imports-the-facade',
      severity: 'error',
      from: { path: '^packages/(?!libp2p/)', pathNot: '\\.test\\.ts$|/test/' },
      to: { path: '^packages/libp2p/' }
    },
    {
      name: 'contracts-by-type-only',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: '\\.test\\.ts$|/test/' },
      to: { path: 'node_modules/@libp2p/', dependencyTypesNot: ['type-only'] }
    },
    {
      name: 'core-does-no-io',
      severity: 'error',
      from: { path: '/src/core/', pathNot: '\\.test\\.ts$' },
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
