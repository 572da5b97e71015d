// The network of a flood: namespaces that this process makes and removes again. No packet leaves the machine, and none
// reaches its own addresses: the namespaces know nothing but one another.
//
//   attackers  10.77.1.1 ... 10.77.1.200  --- veth ---  10.77.0.1  victim
//   honest     10.78.0.2                  --- veth ---  10.78.0.1
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Addresses that the attackers have. */
export const ATTACKER_ADDRESSES = 200

/** The port that the victim listens on. */
export const PORT = 4001

const prefix = 'weft-flood-'

/** Why namespaces cannot be made here, or undefined if they can. */
export function whyNot() {
  if (process.platform !== 'linux') return 'network namespaces are a part of Linux'
  if (process.getuid() !== 0) return 'network namespaces need root'
  const probe = `${prefix}${process.pid}-probe`
  try {
    ip('netns', 'add', probe)
    ip('netns', 'del', probe)
  } catch (error) {
    if (error.code === 'ENOENT') return 'the command ip is missing (package iproute2)'
    return `ip netns: ${String(error.stderr ?? error.message).trim()}`
  }
  return undefined
}

/** Makes the three namespaces. `remove()` is to be called whatever happens. */
export function makeNetwork() {
  removeLeftovers()
  const names = Object.fromEntries(
    ['victim', 'attackers', 'honest'].map(who => [who, `${prefix}${process.pid}-${who}`])
  )
  const network = {
    names,
    victim: { attackers: '10.77.0.1', honest: '10.78.0.1' },
    attackers: Array.from({ length: ATTACKER_ADDRESSES }, (_, i) => `10.77.1.${i + 1}`),
    honest: '10.78.0.2',
    remove: () => removeNamespaces(Object.values(names))
  }
  try {
    for (const name of Object.values(names)) {
      ip('netns', 'add', name)
      ip('-n', name, 'link', 'set', 'lo', 'up')
    }
    connect(
      names,
      'attackers',
      `${network.victim.attackers}/16`,
      network.attackers.map(address => `${address}/16`)
    )
    connect(names, 'honest', `${network.victim.honest}/24`, [`${network.honest}/24`])
    sysctl(names.attackers, 'net.ipv4.ip_local_port_range', '1024 65535')
    // An attacker that does not read is felt soon: little waits in the system's own buffers.
    sysctl(names.attackers, 'net.ipv4.tcp_rmem', '4096 16384 65536')
  } catch (error) {
    network.remove()
    throw error
  }
  return network
}

/**
 * The command that runs `args` in a namespace, ahead of what else the machine does: what is measured is the flood. It replaces
 * itself: the process keeps its id.
 */
export function inNamespace(name, args) {
  return ['ip', ['netns', 'exec', name, 'nice', '-n', '-15', ...args]]
}

function connect(names, who, victimAddress, addresses) {
  ip('-n', names.victim, 'link', 'add', who, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', names[who])
  ip('-n', names.victim, 'addr', 'add', victimAddress, 'dev', who)
  ip('-n', names.victim, 'link', 'set', who, 'up')
  const commands = addresses.map(address => `addr add ${address} dev eth0`)
  ipBatch(names[who], [...commands, 'link set eth0 up'])
}

function sysctl(name, key, value) {
  ip('netns', 'exec', name, 'sysctl', '-q', '-w', `${key}=${value}`)
}

/** What a run that was killed has left: its process is gone. */
function removeLeftovers() {
  const listed = ip('netns', 'list').split('\n')
  const names = listed.map(line => line.split(' ')[0]).filter(name => name.startsWith(prefix))
  removeNamespaces(names.filter(name => !existsSync(`/proc/${name.slice(prefix.length).split('-')[0]}`)))
}

function removeNamespaces(names) {
  for (const name of names) {
    try {
      ip('netns', 'del', name)
    } catch (error) {
      if (existsSync(`/run/netns/${name}`)) process.stderr.write(`${name} is left: ${error.message}\n`)
    }
  }
}

function ip(...args) {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function ipBatch(name, lines) {
  execFileSync('ip', ['-n', name, '-batch', '-'], { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'pipe', 'pipe'] })
}
