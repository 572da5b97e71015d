// The hook of ./alias.mjs; it runs in Node's loader thread.
let alias = {}

export function initialize(data) {
  alias = data
}

export function resolve(specifier, context, next) {
  return next(Object.hasOwn(alias, specifier) ? alias[specifier] : specifier, context)
}
