export { MemoryDatastore } from './memory-datastore.ts'
