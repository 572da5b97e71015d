// Written by scripts/facade-manifest.mjs.
export type {
  Identify,
  IdentifyComponents,
  IdentifyInit,
  IdentifyPush,
  IdentifyPushComponents,
  IdentifyPushInit
} from '@weft/identify'
export { identify, identifyPush } from '@weft/identify'
