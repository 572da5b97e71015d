import { WeftError } from '@weft/errors'

/** A component was asked for that this node does not have. `component` is its name. */
export class MissingServiceError extends WeftError {
  constructor(component: string) {
    super('MissingServiceError', 'ERR_MISSING_SERVICE', `${component} not set`, { facts: { component } })
  }
}

/** A component needs a capability that no component has: `service` and `capability` name them. */
export class UnmetServiceDependenciesError extends WeftError {
  constructor(service: string, capability: string) {
    super(
      'UnmetServiceDependenciesError',
      'ERR_UNMET_SERVICE_DEPENDENCIES',
      `Service "${service}" requires the capability "${capability}", which no component of this node has: add one to the configuration`,
      { facts: { service, capability } }
    )
  }
}
