/** A PostgreSQL of the test's own: in a temporary folder, as a user that is not root, on a socket in that folder. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Where the server's programs are: set by `npm run test:postgres`. */
export const programs: string | undefined = process.env['WEFT_POSTGRES']

/** The user that it runs as, where the tests run as root, which PostgreSQL refuses. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

/** A server that is started, killed and started again. */
export class Postgres {
  private readonly _folder: string
  private readonly _owner = owner()
  private _process: ChildProcess | undefined

  constructor() {
    this._folder = mkdtempSync(path.join(tmpdir(), 'weft-postgres-'))
    if (this._owner.uid !== undefined) chownSync(this._folder, this._owner.uid, this._owner.gid!)
    const made = this._run('initdb', ['-D', path.join(this._folder, 'data'), '-A', 'trust', '-U', 'weft', '--no-sync'])
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  }

  get url(): string {
    return `postgres://weft@localhost/postgres?host=${encodeURIComponent(this._folder)}`
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const data = path.join(this._folder, 'data')
    const args = ['-D', data, '-k', this._folder, '-c', 'listen_addresses=']
    const options = {
      ...this._owner,
      cwd: this._folder,
      stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe']
    }
    const server = spawn(path.join(programs!, 'postgres'), args, options)
    this._process = server
    await new Promise<void>((resolve, reject) => {
      let log = ''
      server.stderr.on('data', chunk => {
        log += String(chunk)
        if (log.includes('ready to accept connections')) resolve()
      })
      server.once('exit', () => reject(new Error(`postgres ended: ${log}`)))
    })
  }

  /** As a crash: nothing is written any more. */
  async kill(): Promise<void> {
    await this._end('SIGKILL')
  }

  async remove(): Promise<void> {
    await this._end('SIGQUIT')
    rmSync(this._folder, { recursive: true, force: true })
  }

  private async _end(signal: NodeJS.Signals): Promise<void> {
    const server = this._process
    this._process = undefined
    if (server === undefined || server.exitCode !== null) return
    server.kill(signal)
    await once(server, 'exit')
  }

  private _run(program: string, args: string[]): { status: number | null; stderr: string } {
    return spawnSync(path.join(programs!, program), args, { ...this._owner, cwd: this._folder, encoding: 'utf8' })
  }
}
