/** What to do after a chunk: first send, then, if there is a protocol, go on with it. */
export interface Step {
  /** Bytes to send. A shared view: not to be written to. */
  reply: Uint8Array | undefined
  /** The protocol that is agreed on. The negotiation is over. */
  protocol: string | undefined
  /** With a protocol: its first bytes, where some came together with the last line. */
  rest: Uint8Array | undefined
  /** The remote broke the rules behind what `reply` answers: the negotiation is over once that is sent. Of a listener. */
  error?: Error
}
