/** Browsers do not tell. */
export function networkInterfaces(): string[] {
  return []
}
