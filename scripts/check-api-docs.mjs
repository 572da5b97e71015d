// Fails where something that a package exports has no doc comment, or one that typedoc does not understand.
import { Application, Comment, ConsoleLogger, ReflectionKind, TSConfigReader, TypeDocReader } from 'typedoc'

/**
 * Members of a type literal are exempt: the comment of the type that they are part of speaks for all of them. So are
 * those named by a well-known symbol, which the language describes.
 */
class Findings extends ConsoleLogger {
  validationWarning(text) {
    if (!/\.__type\.|\.\[\w+\] \(/.test(text)) super.validationWarning(text)
  }
}

const app = await Application.bootstrap({}, [new TypeDocReader(), new TSConfigReader()])
app.logger = new Findings()
const project = await app.convert()
if (project !== undefined) {
  // What is inherited is reported where it is declared; what implements a contract is described there.
  for (const reflection of project.getReflectionsByKind(ReflectionKind.All)) {
    if (reflection.inheritedFrom || reflection.implementationOf) {
      reflection.comment ??= new Comment([{ kind: 'text', text: 'see there' }])
    }
  }
  app.validate(project)
}
const findings = app.logger.errorCount + app.logger.warningCount + (project === undefined ? 1 : 0)
console.log(`${findings} findings`)
process.exit(findings === 0 ? 0 : 1)
