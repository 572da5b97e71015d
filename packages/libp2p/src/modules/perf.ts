// Written by scripts/facade-manifest.mjs.
export {}
