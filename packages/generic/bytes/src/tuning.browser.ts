/** The bets of `tuning.node.ts` are on Node: here are none. */
import type { DirectSource } from './tuning.node.ts'

export type { DirectSource } from './tuning.node.ts'

/** Whether the bets are on. */
export const isTuned: boolean = false

/** Does nothing. */
export function collectYoung(_bytes: number): void {}

/** Does nothing. */
export function releaseMemory(_view: Uint8Array): void {}

/** Does nothing. */
export function readDirectly(_socket: DirectSource, _take: (chunk: Uint8Array) => boolean): void {}
