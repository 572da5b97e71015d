import { datagramSuite, networkDatagrams } from '@weft/interface-datagram/compliance'
import { Network, VirtualClock } from '@weft/testkit'
import { describe, expect, it } from 'vitest'

describe('the simulated network', () => {
  datagramSuite(
    { describe, it, expect },
    {
      setup: () => {
        const clock = new VirtualClock()
        const network = new Network({ clock, seed: 1, link: { latency: 5 } })
        const until = async (condition: () => boolean): Promise<void> => void clock.runUntil(condition)
        return { bind: networkDatagrams(network), host: '10.0.0.1', until }
      }
    }
  )
})
