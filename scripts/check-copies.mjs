// Fails where bytes are copied by `slice()`, which gives a view where they are a Node Buffer: `new Uint8Array(bytes)` copies.
import path from 'node:path'
import ts from 'typescript'
import { root } from './manifests.mjs'

const { config } = ts.readConfigFile(path.join(root, 'tsconfig.check.json'), ts.sys.readFile)
const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const program = ts.createProgram(fileNames, options)
const checker = program.getTypeChecker()

let findings = 0
for (const source of program.getSourceFiles()) {
  if (/\/(?:packages|apps)\/.*\/src\//.test(source.fileName) && !/\.test\.ts$|node_modules/.test(source.fileName))
    visit(source)
}
console.log(`${findings} findings`)
process.exit(findings === 0 ? 0 : 1)

function visit(node) {
  if (ts.isCallExpression(node) && isSliceOfBytes(node.expression)) {
    const source = node.getSourceFile()
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    console.log(`${path.relative(root, source.fileName)}:${line + 1}: ${node.getText()}`)
    findings++
  }
  ts.forEachChild(node, visit)
}

function isSliceOfBytes(callee) {
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'slice') return false
  const type = checker.getTypeAtLocation(callee.expression)
  const alternatives = type.isUnion() ? type.types : [type]
  return alternatives.some(({ symbol }) => symbol?.name === 'Uint8Array' || symbol?.name === 'Buffer')
}
