export { EventEmitter, type EventMap } from './event-emitter.ts'
