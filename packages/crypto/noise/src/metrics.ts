import type { Counter, Metrics } from '@libp2p/interface'

/** What is counted, under js-libp2p's names. */
export interface NoiseMetrics {
  successes: Counter
  errors: Counter
  encrypted: Counter
  decrypted: Counter
  decryptErrors: Counter
}

export function registerMetrics(metrics: Metrics): NoiseMetrics {
  const counter = (name: string, help: string): Counter =>
    metrics.registerCounter(`libp2p_noise_${name}_total`, { help })
  return {
    successes: counter('xxhandshake_successes', 'Noise handshakes that succeeded'),
    errors: counter('xxhandshake_error', 'Noise handshakes that failed'),
    encrypted: counter('encrypted_packets', 'Noise messages sealed after the handshake'),
    decrypted: counter('decrypted_packets', 'Noise messages opened after the handshake'),
    decryptErrors: counter('decrypt_errors', 'Noise messages that could not be opened')
  }
}
