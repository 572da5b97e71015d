import { tcp } from '@weft/tcp'
import { crossingSuite } from './crossing-suite.ts'

crossingSuite(tcp(), '/ip4/127.0.0.1/tcp/0')
