import type { Components, HandlerOptions, Registrar } from '../contracts.ts'

/**
 * What the factory of a service is given: the node's components, with a registrar that knows who calls it. What a service
 * handles counts in its account, whoever wrote the service.
 */
export function componentsOfService(components: Components, service: string): Components {
  const registrar = registrarOfService(components.registrar, service)
  return new Proxy(components, {
    get: (target, name) => (name === 'registrar' ? registrar : Reflect.get(target, name))
  })
}

function registrarOfService(registrar: Registrar, service: string): Registrar {
  const handle: Registrar['handle'] = (protocol, handler, options) => {
    const named: HandlerOptions = { ...options, service }
    return registrar.handle(protocol, handler, named)
  }
  return new Proxy(registrar, {
    get(target, name) {
      if (name === 'handle') return handle
      const value: unknown = Reflect.get(target, name, target)
      // Its methods have private state.
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}
