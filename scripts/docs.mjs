// `npm run docs`: one site in docs-out/ from the guides and the API of all packages. Fails where a link within it is broken.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Application, Converter, TSConfigReader, TypeDocReader } from 'typedoc'
import { ensureInstalled } from './ensure.mjs'
import { readManifests, root } from './manifests.mjs'

// Sections of the site, with their documents in order.
const first = ['getting-started.md', 'streams.md']
const guides = readdirSync(path.join(root, 'docs')).filter(name => name.endsWith('.md') && !first.includes(name))
const sections = {
  Guides: [...[...first, ...guides.sort()].map(name => `docs/${name}`), 'examples/README.md'],
  Reference: ['ARCHITECTURE.md', 'LIMITS.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md'],
  'Tests and measurements': [
    'benchmarks',
    'benchmarks/NOTES',
    'compliance',
    'floods',
    'fuzz',
    'interop',
    'runtimes'
  ].map(name => (name.includes('/') ? `${name}.md` : `${name}/README.md`)),
  Packages: [...readManifests().values()].map(({ folder }) => `${folder}/README.md`)
}
// What is imported, by the file that has it.
const entryPoints = new Map(
  [...readManifests()].flatMap(([name, { folder, manifest }]) =>
    Object.entries(manifest.exports ?? {}).map(([subpath, target]) => {
      const source = target['weft-source']
      const file = typeof source === 'string' ? source : source?.default
      return [path.join(root, folder, file ?? ''), name + subpath.slice(1)]
    })
  )
)
const out = path.join(root, 'docs-out')

await ensureInstalled()
rmSync(out, { recursive: true, force: true })
await build()
const failures = brokenLinks()
for (const failure of failures) console.error(failure)
console.log(`docs-out/index.html: ${htmlFiles().length} pages, ${failures.length} broken links`)
process.exit(failures.length === 0 ? 0 : 1)

async function build() {
  const options = {
    readme: 'README.md',
    projectDocuments: Object.values(sections).flat(),
    navigation: { includeGroups: true, includeCategories: true, includeFolders: true },
    groupOrder: [...Object.keys(sections), 'Modules', '*'],
    sortEntryPoints: true,
    includeHierarchySummary: false,
    sort: ['documents-first', 'source-order'],
    highlightLanguages: ['bash', 'html', 'javascript', 'json', 'mermaid', 'typescript'],
    validation: false,
    logLevel: 'Warn',
    out
  }
  const app = await Application.bootstrapWithPlugins(options, [new TypeDocReader(), new TSConfigReader()])
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const file = path.relative(root, document.project.files.getReflectionPath(document))
    document.frontmatter.group = Object.keys(sections).find(name => sections[name].includes(file))
    // Its name is its heading, not that of the file, which is README for most.
    document.name = headingOf(document.content)?.[1].replaceAll('`', '') ?? document.name
  })
  const project = await app.convert()
  if (project === undefined) process.exit(1)
  // The landing page shows the project's name above.
  project.readme[0].text = project.readme[0].text.slice(headingOf(project.readme)?.[0].length ?? 0)
  // Modules are named as they are imported.
  for (const module of project.children) {
    const name = entryPoints.get(project.files.getReflectionPath(module) ?? module.sources[0].fullFileName)
    if (name !== undefined) module.name = name
  }
  await app.generateOutputs(project)
}

function headingOf([start]) {
  return /^\s*# (.+)\n/.exec(start.text)
}

function htmlFiles() {
  return readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.html'))
}

/** Links within the site whose page, file or place on the page is not there. */
function brokenLinks() {
  const pages = new Map(htmlFiles().map(name => [name, readFileSync(path.join(out, name), 'utf8')]))
  const files = new Set(readdirSync(out, { recursive: true, encoding: 'utf8' }))
  const ids = new Map()
  const found = new Set()
  for (const [page, text] of pages) {
    for (const [, link] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(link)) continue
      const [target, id] = decodeURIComponent(link.replaceAll('&amp;', '&')).split('#')
      const file = target === '' ? page : path.join(path.dirname(page), target)
      if (!files.has(file)) found.add(`${page}: ${link}: no such file`)
      else if (id !== undefined && id !== '' && pages.has(file)) {
        if (!ids.has(file))
          ids.set(file, new Set([...pages.get(file).matchAll(/ id="([^"]+)"/g)].map(([, name]) => name)))
        if (!ids.get(file).has(id)) found.add(`${page}: ${link}: no such place on the page`)
      }
    }
  }
  return [...found]
}
