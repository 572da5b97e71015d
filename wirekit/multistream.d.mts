/** A line of multistream-select. */
export function line(text: string): Uint8Array<ArrayBuffer>
/** The header and the proposal of one protocol. */
export function proposal(protocol: string): Uint8Array<ArrayBuffer>
