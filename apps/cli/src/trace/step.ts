import type { DialTrace } from '@weft/libp2p'

/** An error as it is printed with `--json`. */
export interface ErrorView {
  name: string
  code?: string
  message: string
}

type Failed = Extract<DialTrace, { kind: 'failed' }>

/** A step of a dial as plain data: as it is on the control socket, and with `--json`. */
export type TraceStep = Exclude<DialTrace, Failed> | (Omit<Failed, 'error'> & { readonly error: ErrorView })

export function traceStep(step: DialTrace): TraceStep {
  return step.kind === 'failed' ? { ...step, error: errorView(step.error) } : step
}

export function errorView(error: unknown): ErrorView {
  const { name = 'Error', code, message = String(error) } = (error ?? {}) as Partial<ErrorView>
  // Ends what a remote has sent, and what lists a hundred addresses.
  const text = message.slice(0, maxMessageLength)
  return typeof code === 'string' ? { name, code, message: text } : { name, message: text }
}

// UTF-16 units.
const maxMessageLength = 2_000
