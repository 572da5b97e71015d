import type { Field, Presence } from './field.ts'
import type { ValueType } from './types.ts'

/** What `decode` accepts. */
export interface DecodeOptions {
  /** Bytes of the whole message. Default 4 MiB; `Infinity` where the bytes are trusted. */
  maxSize?: number
}

/** Encodes and decodes messages of one schema. It is a type itself: `field(5, other)` nests it. */
export interface MessageCodec<T> extends ValueType<T> {
  /**
   * The message's bytes: fields in the order of their numbers, so equal values give equal bytes. Throws `ProtobufError`
   * for a value that does not fit the schema or its limits.
   */
  readonly encode: (value: T) => Uint8Array<ArrayBuffer>
  /**
   * The message of all of `bytes`. Unknown fields are dropped, bytes fields are views of the input. Throws
   * `ProtobufError` and nothing else.
   */
  readonly decode: (bytes: Uint8Array, options?: DecodeOptions) => T
}

/** The type of a codec's messages. */
export type Infer<C> = C extends MessageCodec<infer T> ? T : never

/** A field for each key of T. */
export type FieldTable<T> = { readonly [K in keyof T]-?: FieldFor<T, K> }

type FieldFor<T, K extends keyof T> =
  Partial<Pick<T, K>> extends Pick<T, K>
    ? Field<Exclude<T[K], undefined>, 'optional'>
    : T[K] extends ReadonlyArray<infer E>
      ? Field<E, 'repeated'>
      : Field<T[K], 'required' | 'implicit'>

/** The type that a table of fields describes. */
export type InferFields<F> = Flat<
  { [K in keyof F as F[K] extends { presence: 'optional' } ? never : K]: ValueOf<F[K]> } & {
    [K in keyof F as F[K] extends { presence: 'optional' } ? K : never]?: ValueOf<F[K]>
  }
>

type ValueOf<F> = F extends Field<infer T, infer P> ? (P extends 'repeated' ? T[] : T) : never

type Flat<T> = { [K in keyof T]: T[K] }

/** A message while its schema is walked. */
export type Values = Record<string, unknown>

export interface CompiledField extends Field<unknown, Presence> {
  readonly name: string
}
