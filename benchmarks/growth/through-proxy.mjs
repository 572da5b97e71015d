// The proxy of ./proxy.mjs between a client and a server.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { newNode } from '../../interop/lib/setup.mjs'

const program = fileURLToPath(new URL('proxy.mjs', import.meta.url))

/** Runs `body(address)` with the address of a proxy that leads to `address`, with `latency` ms each way. It ends with the body. */
export async function throughProxy(address, latency, body) {
  const [part, port] = /\/tcp\/(\d+)/.exec(address)
  const proxy = fork(program, [port, `${latency}`], { execPath: newNode })
  try {
    const listening = await new Promise((resolve, reject) => {
      proxy.once('message', resolve)
      proxy.once('exit', code => reject(new Error(`the proxy ended with ${code}`)))
    })
    return await body(address.replace(part, `/tcp/${listening}`))
  } finally {
    proxy.kill('SIGKILL')
  }
}
