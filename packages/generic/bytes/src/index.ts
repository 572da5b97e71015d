export { type ByteCounts, type BytePipe, type ByteSink, bytesSymbol, type ProposalStep } from './byte-pipe.ts'
export { ByteQueue } from './byte-queue.ts'
export { compare, concat, equals } from './compare.ts'
export { LengthError, TextError, VarintError, type VarintErrorCode } from './errors.ts'
export { encodeLengthPrefixed, LengthPrefixedReader, takeLengthPrefixed } from './length-prefixed.ts'
export { fromHex, fromUtf8, toHex, toLatin1, toUtf8 } from './text.ts'
export { collectYoung, type DirectSource, isTuned, readDirectly, releaseMemory } from '#tuning'
export {
  decodeBigVarint,
  decodeVarint,
  encodeVarint,
  maxVarintLength,
  measureVarint,
  varintLength,
  writeVarint
} from './varint.ts'
