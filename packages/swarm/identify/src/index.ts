export type { IdentifyComponents, IdentifyPushComponents } from './components.ts'
export { type Identify, identify } from './identify.ts'
export { type IdentifyPush, identifyPush } from './identify-push.ts'
export type { IdentifyInit, IdentifyPushInit } from './options.ts'
