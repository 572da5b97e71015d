// What every flood has: a victim, an honest peer, attackers, and the figures of both.
import { Child, stopAll } from './child.mjs'
import { PORT } from './network.mjs'
import { Sampler } from './sampler.mjs'
import { mib, quantile, sleep } from './statistics.mjs'

/**
 * Before a flood begins the victim has been busy: its code is compiled and its heap has the size that honest load gives it,
 * so that what is measured is the flood.
 */
const BUSY_MS = 4000
const QUIET_MS = 1500

const HONEST_DIAL_LIMIT_MS = 1000
const HONEST_SHARE = 0.99

export class Stage {
  #honestId

  constructor({ network, checks, short, name, flags }) {
    this.flags = flags
    this.network = network
    this.checks = checks
    this.short = short
    this.name = name
  }

  /** Starts the victim, and the honest peer unless it would blur what is measured. */
  async begin({ victim = {}, honest = true } = {}) {
    const { names, victim: addresses } = this.network
    this.victim = await Child.start(names.victim, 'victim.mjs', { port: PORT, ...victim }, { flags: this.flags })
    this.#honestId = (await this.victim.ask('ready')).peerId
    if (honest) {
      const address = `/ip4/${addresses.honest}/tcp/${PORT}/p2p/${this.#honestId}`
      this.honest = await Child.start(names.honest, 'honest.mjs', { address })
      await this.honest.ask('exercise', { ms: BUSY_MS })
      await sleep(QUIET_MS)
    }
  }

  /** An attacker in its own process. */
  attacker(program, settings = {}) {
    const { names, victim, attackers } = this.network
    const address = `/ip4/${victim.attackers}/tcp/${PORT}/p2p/${this.#honestId}`
    return Child.start(names.attackers, `attackers/${program}.mjs`, {
      host: victim.attackers,
      port: PORT,
      addresses: attackers,
      address,
      ...settings
    })
  }

  /** Further honest peers, in a process of their own. */
  honestPeers(program) {
    const { names, victim } = this.network
    return Child.start(names.honest, `${program}.mjs`, {
      address: `/ip4/${victim.honest}/tcp/${PORT}/p2p/${this.#honestId}`
    })
  }

  /**
   * Measures while `body` runs. Resident memory is compared with what it was before: with `busyMs`, with the most that it
   * was under so much honest load, as V8 gives memory back when little happens and takes it again.
   */
  async during(body, { observed = false, busyMs = 0 } = {}) {
    const sampler = new Sampler(this.victim.pid)
    if (busyMs > 0) await this.honest.ask('exercise', { ms: busyMs })
    const before = sampler.peak
    const began = performance.now()
    const cpuBefore = await this.victim.ask('mark', { observed })
    await this.honest?.ask('mark')
    try {
      const result = await body()
      const seconds = (performance.now() - began) / 1000
      const victim = await this.victim.ask('report')
      const cpu = (victim.cpu.user + victim.cpu.system - cpuBefore.user - cpuBefore.system) / 1e6
      return {
        result,
        victim,
        seconds,
        rss: { before, peak: sampler.stop() },
        cpu,
        honest: await this.honest?.ask('report')
      }
    } finally {
      sampler.stop()
    }
  }

  check(what, ok, found) {
    this.checks.check(`${this.name} ${what}`, ok, found)
  }

  /** The bounds that hold for every flood: the honest peer is served, and nothing is thrown that nobody catches. */
  checkHonest({ honest }) {
    const { dials, echoed, sent, seconds, streamError } = honest
    const good = dials.filter(({ error }) => error === undefined)
    const times = dials.map(({ ms, error }) => (error === undefined ? ms : Number.POSITIVE_INFINITY))
    const p99 = quantile(times, 0.99)
    const failures = [...new Set(dials.flatMap(({ error }) => error ?? []))]
    this.check(
      'honest dial and ping >= 99 %',
      dials.length > 0 && good.length >= HONEST_SHARE * dials.length,
      `${good.length} of ${dials.length}${failures.length > 0 ? ` (${failures.slice(0, 3).join('; ')})` : ''}`
    )
    this.check('honest dial p99 <= 1 s', p99 <= HONEST_DIAL_LIMIT_MS, `${p99.toFixed(0)} ms`)
    this.check(
      'honest stream of 1 MB/s goes on, >= 70 %',
      streamError === undefined && echoed >= 0.7 * seconds * 1e6,
      `${(echoed / seconds / 1e6).toFixed(2)} MB/s of ${(sent / seconds / 1e6).toFixed(2)}${streamError === undefined ? '' : `, ${streamError}`}`
    )
  }

  checkUncaught({ victim }) {
    this.check('nothing uncaught', victim.uncaught.length === 0, victim.uncaught[0] ?? '0')
  }

  note({ victim, rss, cpu, seconds }) {
    const { p50, p99, max } = victim.loop
    this.checks.note(
      `${this.name}: RSS ${mib(rss.before)} -> ${mib(rss.peak)}, loop p50/p99/max ${p50.toFixed(0)}/${p99.toFixed(0)}/${max.toFixed(0)} ms, victim ${((100 * cpu) / seconds).toFixed(0)} % CPU, ${seconds.toFixed(0)} s`
    )
  }

  end() {
    return stopAll()
  }
}
