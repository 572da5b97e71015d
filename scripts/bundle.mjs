// Bundles a script with the packages' sources, for the tools that run TypeScript without compiling it first.
import * as esbuild from 'esbuild'

/** What is not of this repository is imported at run time, as from any program: write the bundle inside the root. */
const leaveForeignPackages = {
  name: 'leave-foreign-packages',
  setup(build) {
    build.onResolve({ filter: /^[^./#]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' || name.startsWith('@weft/') ? undefined : { path: name, external: true }
    )
  }
}

/** Writes `entry` and the sources that it imports to `outfile`, an ES module for Node. Throws with esbuild's messages. */
export async function bundleSources(entry, outfile, plugins = [], conditions = []) {
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['weft-source', ...conditions],
    sourcemap: 'inline',
    logLevel: 'silent',
    plugins: [...plugins, leaveForeignPackages]
  })
}
