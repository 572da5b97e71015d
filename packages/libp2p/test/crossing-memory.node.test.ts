import { memory } from '@weft/memory'
import { crossingSuite } from './crossing-suite.ts'

crossingSuite(memory(), '/memory/crossing')
