/**
 * What protocols are made of: a service's life, one request and its answer, bounded messages that are read when they are
 * asked for, and one deadline for all of it.
 */
export type {
  ClientComponents,
  ConnectionOpener,
  HandlerRegistry,
  ServiceComponents,
  StreamOpener
} from './components.ts'
export { type DeadlineOptions, withDeadline } from './deadline.ts'
export { defaultFarewell, endStream } from './end-stream.ts'
export { UnexpectedEOFError } from './errors.ts'
export { HeldBytes } from './held-bytes.ts'
export { IdleTimer } from './idle-timer.ts'
export { type StreamLimits, streamLimitOptions, streamLimits, type StreamLimitsInit } from './options.ts'
export { openStream, type ProtocolHandler, ProtocolService, type ProtocolServiceInit } from './protocol-service.ts'
export { answerRequests, ask, type RequestFormat, withStream } from './request.ts'
export { defaultMaxHeld, StreamBytes, type StreamBytesInit } from './stream-bytes.ts'
export { type Decoder, type Encoder, StreamMessages, type StreamMessagesInit } from './stream-messages.ts'
export { serviceCapabilities, serviceDependencies } from '@weft/interface-node'
export { pingTurnsOf, type TurnOptions, Turns } from './turns.ts'
