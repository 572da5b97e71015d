// Type-checks and runs every ```ts snippet of the Markdown files, and checks that their relative links lead somewhere.
// A fence "ts no-run: <reason>" is type-checked only: for what needs a browser or another machine.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { bundleSources } from './bundle.mjs'
import { tool } from './ensure.mjs'
import { readManifests, root } from './manifests.mjs'

const timeLimit = 20_000
const width = 2
// Inside the root, so that packages are found from there as from any other folder of it.
const work = path.join(root, '.weft/check-docs')

rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })

const failures = []
const files = markdownFiles()
const snippets = files.flatMap(extract)
for (const file of files) checkLinks(file)
await bundle(snippets)
checkTypes(snippets)
const waiting = snippets.filter(snippet => snippet.run)
await Promise.all(Array.from({ length: width }, worker))

for (const { where, why } of failures) console.error(`FAILED: ${where}: ${why}`)
const broken = new Set(failures.map(failure => failure.where))
const passed = snippets.filter(snippet => !broken.has(snippet.where)).length
console.log(`${snippets.length} snippets in ${files.length} files: ${passed} passed, ${failures.length} failed`)
process.exit(failures.length === 0 ? 0 : 1)

function markdownFiles() {
  const top = readdirSync(root).filter(name => name.endsWith('.md'))
  const found = ['docs', 'examples', 'fuzz', 'benchmarks', 'interop', 'floods', 'runtimes'].flatMap(folder =>
    existsSync(path.join(root, folder))
      ? readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
          .filter(name => name.endsWith('.md') && !name.includes('node_modules'))
          .map(name => `${folder}/${name}`)
      : []
  )
  const readmes = [...readManifests().values()].map(({ folder }) => `${folder}/README.md`)
  return [...top, ...found, ...readmes].filter(file => existsSync(path.join(root, file)))
}

function extract(file) {
  const found = []
  let open
  for (const [index, line] of readFileSync(path.join(root, file), 'utf8').split('\n').entries()) {
    const fence = /^(\s*)```+\s*(.*?)\s*$/.exec(line)
    if (open === undefined && fence !== null) {
      open = { info: fence[2], indent: fence[1].length, line: index + 1, lines: [] }
    } else if (open !== undefined && fence !== null && fence[2] === '') {
      const [language, ...rest] = open.info.split(/\s+/)
      if (language === 'ts' || language === 'typescript') found.push(snippetOf(file, open, rest.join(' ')))
      open = undefined
    } else open?.lines.push(line.slice(open.indent))
  }
  return found
}

function snippetOf(file, { line, lines }, option) {
  const where = `${file}:${line}`
  const base = `${file.replace(/[^a-zA-Z0-9]+/g, '-')}-${line}`
  const run = option === ''
  if (!run && !/^no-run: \S/.test(option)) failures.push({ where, why: `"${option}" is not "no-run: <reason>"` })
  writeFileSync(path.join(work, `${base}.ts`), `${lines.join('\n')}\nexport {}\n`)
  return { where, base, run }
}

function checkLinks(file) {
  const text = readFileSync(path.join(root, file), 'utf8').replace(/^(\s*)```[\s\S]*?^\1```/gm, '')
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:|^#/.test(target)) continue
    const [relative] = target.split('#')
    if (!existsSync(path.join(root, path.dirname(file), decodeURIComponent(relative)))) {
      failures.push({ where: file, why: `the link to ${target} leads nowhere` })
    }
  }
}

async function bundle(all) {
  await Promise.all(
    all.map(async snippet => {
      try {
        await bundleSources(path.join(work, `${snippet.base}.ts`), path.join(work, `${snippet.base}.mjs`))
      } catch (error) {
        snippet.run = false
        failures.push({ where: snippet.where, why: error.message })
      }
    })
  )
}

function checkTypes(all) {
  if (all.length === 0) return
  const config = { extends: '../../tsconfig.check.json', include: ['*.ts'], exclude: [] }
  writeFileSync(path.join(work, 'tsconfig.json'), JSON.stringify(config))
  const args = [tool('typescript', 'bin/tsc'), '-p', work, '--pretty', 'false']
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: work, encoding: 'utf8' })
  if (status === 0) return
  for (const line of stdout.split('\n')) {
    const place = /^([^(\s]+)\.ts\((\d+),\d+\): (.*)$/.exec(line)
    const snippet = all.find(({ base }) => base === place?.[1])
    // Errors in the packages themselves are the type check's own to report.
    if (snippet !== undefined) failures.push({ where: snippet.where, why: `line ${place[2]}: ${place[3]}` })
  }
}

async function worker() {
  for (let snippet = waiting.shift(); snippet !== undefined; snippet = waiting.shift()) {
    const why = await execute(path.join(work, `${snippet.base}.mjs`))
    if (why !== undefined) failures.push({ where: snippet.where, why })
  }
}

function execute(file) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      cwd: work,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    const keep = chunk => {
      output = (output + chunk).slice(-4000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      output += `\nstill running after ${timeLimit} ms`
    }, timeLimit)
    child.on('close', code => {
      clearTimeout(timer)
      resolve(code === 0 ? undefined : `exit code ${code}\n${output}`)
    })
  })
}
