// What the suites import as `aegir/chai`: chai 4 with the plugins they use. The real aegir is a whole build tool.
import * as chai from 'chai'
import asPromised from 'chai-as-promised'
import bites from 'chai-bites'
import parentheses from 'chai-parentheses'
import string from 'chai-string'
import subset from 'chai-subset'

for (const plugin of [asPromised, parentheses, subset, bites, string]) chai.use(plugin)

export const { expect, assert } = chai
export { chai }
