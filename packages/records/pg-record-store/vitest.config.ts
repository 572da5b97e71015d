import { defineConfig } from 'vitest/config'

// Without `import`, which the root's has: with it `require` inside pg resolves to what `require` cannot take.
const conditions = ['weft-source', 'node', 'default']

/** For `npm run test:postgres`, which has a server. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['test/**/*.postgres.ts'], testTimeout: 60_000, hookTimeout: 120_000 }
})
