import { InvalidParametersError } from '@weft/errors'

/** A name as Prometheus takes it, made as js-libp2p makes it: other characters become underscores, of which one stays. */
export function prometheusName(name: string): string {
  const normal = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_+/g, '_')
  if (name.trim() !== '' && !/^\d/.test(normal)) return normal
  throw new InvalidParametersError(`"${name}" is no name of a metric: it must begin with a letter or an underscore`)
}
