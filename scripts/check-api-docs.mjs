// Fails where something that a package exports has no doc comment, or one that typedoc does not understand.
import { Application, ConsoleLogger, TSConfigReader, TypeDocReader } from 'typedoc'

/** Members of a type literal are exempt: the comment of the type that they are part of speaks for all of them. */
class Findings extends ConsoleLogger {
  validationWarning(text) {
    if (!text.includes('.__type.')) super.validationWarning(text)
  }
}

const app = await Application.bootstrap({}, [new TypeDocReader(), new TSConfigReader()])
app.logger = new Findings()
const project = await app.convert()
if (project !== undefined) app.validate(project)
const findings = app.logger.errorCount + app.logger.warningCount + (project === undefined ? 1 : 0)
console.log(`${findings} findings`)
process.exit(findings === 0 ? 0 : 1)
