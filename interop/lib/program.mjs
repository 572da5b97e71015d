// Runs a peer of the convention: a command whose environment says what it is to be.
import { spawn } from 'node:child_process'

/** `line` resolves with the last line that a dialer prints, of JSON; it rejects when the dialer fails. */
export function runDialer(command, env) {
  const child = start(command, env)
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  const line = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) resolve(JSON.parse(stdout.trim().split('\n').at(-1)))
      else reject(new Error(`the dialer ended with ${code}\n${child.log()}`))
    })
  })
  return { line, kill: child.kill.bind(child, 'SIGKILL'), log: child.log }
}

/** `ended` rejects when the listener ends before it is killed. */
export function runListener(command, env) {
  const child = start(command, env)
  let killed = false
  const ended = new Promise((_, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      if (!killed) reject(new Error(`the listener ended with ${code}\n${child.log()}`))
    })
  })
  ended.catch(() => {})
  const kill = () => {
    killed = true
    child.kill('SIGKILL')
  }
  return { ended, kill, log: child.log }
}

function start([file, ...args], env) {
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    log = (log + text).slice(-2000)
  })
  return Object.assign(child, { log: () => log })
}
