// Counts branches: rewrites the packages' sources so that each branch taken adds one to its own counter. Also collects
// their literals, which are what a decoder compares its input to.
import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** What files became, by path: most targets share most of their sources. */
const transformed = new Map()

/** An esbuild plugin, and what it has seen once the bundle is written: number of branches, numbers, texts. */
export function instrumentation() {
  const seen = { branches: 0, numbers: new Set(), texts: new Set() }
  const plugin = {
    name: 'count-branches',
    setup(build) {
      build.onLoad({ filter: /\/(packages|apps)\/.*\/src\/.*\.ts$/ }, ({ path }) => {
        let file = transformed.get(path)
        if (file === undefined) transformed.set(path, (file = transform(path)))
        seen.branches += file.branches
        for (const value of file.numbers) seen.numbers.add(value)
        for (const text of file.texts) seen.texts.add(text)
        return { contents: file.contents, loader: 'js' }
      })
    }
  }
  return { plugin, seen }
}

function transform(path) {
  const seen = { branches: 0, numbers: new Set(), texts: new Set() }
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true
    },
    transformers: { before: [context => file => countBranches(context, file, seen)] }
  })
  return { contents: outputText, ...seen }
}

function countBranches(context, file, seen) {
  const f = context.factory
  const counter = () =>
    f.createPostfixIncrement(f.createElementAccessExpression(f.createIdentifier('__branches'), seen.branches++))
  const statement = () => f.createExpressionStatement(counter())
  const block = node => f.createBlock([statement(), ...(ts.isBlock(node) ? node.statements : [node])], true)
  const expression = node => f.createParenthesizedExpression(f.createComma(counter(), node))

  const visit = original => {
    collectLiteral(original, seen)
    const node = ts.visitEachChild(original, visit, context)
    if (ts.isIfStatement(node)) {
      const otherwise = node.elseStatement === undefined ? f.createBlock([statement()]) : block(node.elseStatement)
      return f.updateIfStatement(node, node.expression, block(node.thenStatement), otherwise)
    }
    if (ts.isForStatement(node)) {
      return f.updateForStatement(node, node.initializer, node.condition, node.incrementor, block(node.statement))
    }
    if (ts.isForOfStatement(node)) {
      return f.updateForOfStatement(node, node.awaitModifier, node.initializer, node.expression, block(node.statement))
    }
    if (ts.isWhileStatement(node)) return f.updateWhileStatement(node, node.expression, block(node.statement))
    if (ts.isCaseClause(node)) return f.updateCaseClause(node, node.expression, [statement(), ...node.statements])
    if (ts.isDefaultClause(node)) return f.updateDefaultClause(node, [statement(), ...node.statements])
    if (ts.isCatchClause(node)) return f.updateCatchClause(node, node.variableDeclaration, block(node.block))
    if (ts.isConditionalExpression(node)) {
      const [yes, no] = [expression(node.whenTrue), expression(node.whenFalse)]
      return f.updateConditionalExpression(node, node.condition, node.questionToken, yes, node.colonToken, no)
    }
    if (ts.isBinaryExpression(node) && shortCircuits(node.operatorToken.kind)) {
      return f.updateBinaryExpression(node, node.left, node.operatorToken, expression(node.right))
    }
    // The body of a function, and a block that stands alone.
    if (ts.isBlock(node) && ts.isFunctionLike(original.parent)) return block(node)
    return node
  }

  const visited = ts.visitEachChild(file, visit, context)
  // Its part of the counters.
  const part = f.createCallExpression(
    f.createPropertyAccessExpression(f.createIdentifier('globalThis'), '__branchesOf'),
    undefined,
    [f.createNumericLiteral(seen.branches)]
  )
  const map = f.createVariableDeclaration('__branches', undefined, undefined, part)
  const declaration = f.createVariableStatement(undefined, f.createVariableDeclarationList([map], ts.NodeFlags.Const))
  return f.updateSourceFile(visited, [declaration, ...visited.statements])
}

function shortCircuits(kind) {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  )
}

function collectLiteral(node, seen) {
  if (ts.isNumericLiteral(node)) {
    const value = Number(node.text)
    if (Number.isSafeInteger(value)) seen.numbers.add(value)
  } else if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
    if (node.text.length > 0 && node.text.length <= 64 && !ts.isImportDeclaration(node.parent))
      seen.texts.add(node.text)
  }
}
