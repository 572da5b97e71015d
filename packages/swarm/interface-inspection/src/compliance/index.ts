/** The contract suite of a node's inspection. */
export { type InspectionSetup, inspectionSuite } from './inspection-suite.ts'
