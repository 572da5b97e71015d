/** The fields that a package's manifest may have, in their order. */
export const fieldOrder = [
  'name',
  'version',
  'description',
  'keywords',
  'homepage',
  'bugs',
  'license',
  'author',
  'repository',
  'type',
  'sideEffects',
  'engines',
  'weft',
  'bin',
  'imports',
  'exports',
  'files',
  'publishConfig',
  'scripts',
  'dependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'optionalDependencies',
  'devDependencies'
]

const width = 120
// What others add to line by line.
const listed = /ependencies(?:Meta)?$|^(?:exports|imports|bin|scripts)$/

/** The text of a manifest: a line for each fact, and for each entry of what grows. */
export function manifestText(manifest) {
  const lines = Object.entries(manifest).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${write(value, '  ', name)}`
  )
  return `{\n${lines.join(',\n')}\n}\n`
}

function write(value, indent, name) {
  const line = inline(value)
  const fits = indent.length + name.length + line.length + '"": ,'.length <= width
  if (typeof value !== 'object' || (fits && !listed.test(name))) return line
  const inner = `${indent}  `
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map(item => write(item, inner, ''))]
    : ['{', '}', Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${write(item, inner, key)}`)]
  return parts.length === 0 ? line : `${open}\n${parts.map(part => inner + part).join(',\n')}\n${indent}${close}`
}

function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const parts = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}
