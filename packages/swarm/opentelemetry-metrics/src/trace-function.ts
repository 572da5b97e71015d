import type { TraceAttributes, TraceGeneratorFunctionOptions } from '@libp2p/interface'
import { type Context, context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'

// oxlint-disable-next-line typescript/no-explicit-any -- the contract's own type
type AnyFunction = (...args: any[]) => any
type Options = TraceGeneratorFunctionOptions<unknown[], unknown, unknown>

/**
 * Wraps a function so that a call whose options have a `trace`, from `createTrace()`, is a span of that name. The call
 * gets a `trace` of its own, for what it calls. The span ends with the call, its promise or its generator; what the call
 * gives, throws or yields is unchanged.
 */
export function traceFunction<F extends AnyFunction>(tracer: Tracer, name: string, fn: F, given?: Options): F {
  const options = given ?? {}
  const index = options.optionsIndex ?? 0
  return function (this: unknown, ...args: unknown[]): unknown {
    const callOptions = args[index] as { trace?: Context } | undefined
    const parent = callOptions?.trace
    if (parent == null) return fn.apply(this, args)
    const attributes: TraceAttributes = {}
    const span = tracer.startSpan(name, { attributes: options.getAttributesFromArgs?.(args, attributes) ?? {} }, parent)
    const child = trace.setSpan(parent, span)
    const inner = [...args]
    inner[index] = { ...callOptions, trace: child }
    const traced = new Traced(span, attributes, options)
    try {
      return traced.watch(context.with(child, () => fn.apply(this, inner) as unknown))
    } catch (error) {
      traced.failed(error)
      throw error
    }
  } as F
}

class Traced {
  private readonly _span: Span
  private readonly _attributes: TraceAttributes
  private readonly _options: Options
  private _yielded = 0

  constructor(span: Span, attributes: TraceAttributes, options: Options) {
    this._span = span
    this._attributes = attributes
    this._options = options
  }

  watch(result: unknown): unknown {
    if (isPromise(result)) {
      return result.then(
        value => {
          this._returned(value)
          return value
        },
        error => {
          this.failed(error)
          throw error
        }
      )
    }
    if (isGenerator(result)) return this._watchGenerator(result)
    if (isAsyncGenerator(result)) return this._watchAsyncGenerator(result)
    this._returned(result)
    return result
  }

  failed(error: unknown): void {
    const { message } = error instanceof Error ? error : new Error(String(error))
    this._span.recordException(error instanceof Error ? error : message)
    this._span.setStatus({ code: SpanStatusCode.ERROR, message })
    this._span.end()
  }

  private *_watchGenerator(generator: Generator): Generator {
    let whole = false
    try {
      for (let step = generator.next(); ; ) {
        if (step.done === true) {
          whole = true
          this._returned(step.value)
          return step.value
        }
        this._yieldedOne(step.value)
        step = generator.next(yield step.value)
      }
    } catch (error) {
      whole = true
      this.failed(error)
      throw error
    } finally {
      if (!whole) this._left(() => generator.return(undefined))
    }
  }

  private async *_watchAsyncGenerator(generator: AsyncGenerator): AsyncGenerator {
    let whole = false
    try {
      for (let step = await generator.next(); ; ) {
        if (step.done === true) {
          whole = true
          this._returned(step.value)
          return step.value
        }
        this._yieldedOne(step.value)
        step = await generator.next(yield step.value)
      }
    } catch (error) {
      whole = true
      this.failed(error)
      throw error
    } finally {
      if (!whole) await this._left(() => generator.return(undefined))
    }
  }

  /** The caller wants no more. */
  private _left<T>(leave: () => T): T {
    this._returned(undefined)
    return leave()
  }

  private _yieldedOne(value: unknown): void {
    this._set(this._options.getAttributesFromYieldedValue?.(value, this._attributes, ++this._yielded))
  }

  private _returned(value: unknown): void {
    this._set(this._options.getAttributesFromReturnValue?.(value, this._attributes))
    this._span.setStatus({ code: SpanStatusCode.OK })
    this._span.end()
  }

  private _set(attributes: TraceAttributes | undefined): void {
    if (attributes !== undefined) this._span.setAttributes(attributes)
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | null)?.then === 'function'
}

function isGenerator(value: unknown): value is Generator {
  const generator = value as Generator | null | undefined
  return typeof generator?.[Symbol.iterator] === 'function' && typeof generator.next === 'function'
}

function isAsyncGenerator(value: unknown): value is AsyncGenerator {
  const generator = value as AsyncGenerator | null | undefined
  return typeof generator?.[Symbol.asyncIterator] === 'function' && typeof generator.next === 'function'
}
