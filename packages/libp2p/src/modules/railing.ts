// Written by scripts/facade-manifest.mjs.
export type {
  BootstrapComponents,
  BootstrapInit,
  Railing,
  RailingComponents,
  RailingInit,
  RailingPeer
} from '@weft/railing'
export { bootstrap, maxListLength, railing } from '@weft/railing'
