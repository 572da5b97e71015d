// Replaces packages by name for everything that is imported after `replacePackages`.
import { register } from 'node:module'

/** `alias`: bare specifier to file URL. */
export function replacePackages(alias) {
  register('./alias-hook.mjs', import.meta.url, { data: alias })
}
