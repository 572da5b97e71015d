import type { CounterGroup, MetricGroup, Metrics } from '@libp2p/interface'

/** Metrics of dials, under js-libp2p's names. */
export interface DialerMetrics {
  readonly events: CounterGroup<'error' | 'abort' | 'connect'>
  readonly errors: CounterGroup<'outbound_upgrade'>
}

/** Metrics of one listener; each label begins with its address. */
export interface ListenerMetrics {
  readonly status: MetricGroup
  readonly errors: CounterGroup
  readonly events: CounterGroup
}

/** The values of the status metric. */
export const listenerStatus = { inactive: 0, active: 1, paused: 2 } as const

export function dialerMetrics(metrics: Metrics | undefined): DialerMetrics | undefined {
  if (metrics === undefined) return undefined
  return {
    events: metrics.registerCounterGroup('libp2p_tcp_dialer_events_total', {
      label: 'event',
      help: 'Total count of TCP dialer events by type'
    }),
    errors: metrics.registerCounterGroup('libp2p_tcp_dialer_errors_total', {
      label: 'event',
      help: 'Total count of TCP dialer errors by type'
    })
  }
}

/** `connections` returns the listener's address and its number of connections. */
export function listenerMetrics(
  metrics: Metrics | undefined,
  connections: () => Record<string, number>
): ListenerMetrics | undefined {
  if (metrics === undefined) return undefined
  metrics.registerMetricGroup('libp2p_tcp_inbound_connections_total', {
    label: 'address',
    help: 'Current active connections in TCP listener',
    calculate: connections
  })
  return {
    status: metrics.registerMetricGroup('libp2p_tcp_listener_status_info', {
      label: 'address',
      help: 'Current status of the TCP listener socket'
    }),
    errors: metrics.registerCounterGroup('libp2p_tcp_listener_errors_total', {
      label: 'address',
      help: 'Total count of TCP listener errors by type'
    }),
    events: metrics.registerCounterGroup('libp2p_tcp_listener_events_total', {
      label: 'address',
      help: 'Total count of TCP listener events by type'
    })
  }
}
