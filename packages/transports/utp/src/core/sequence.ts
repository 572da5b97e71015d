/** Numbers of 16 bits that wrap: sequence numbers, acknowledgements, connection ids. */

/** The number `steps` after `value`; `steps` may be negative. */
export function after(value: number, steps: number): number {
  return (value + steps) & 0xffff
}

/** How far `to` lies behind `from`: -32,768 to 32,767. */
export function distance(from: number, to: number): number {
  return ((to - from) << 16) >> 16
}
