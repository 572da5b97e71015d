// Runs alone: it starts a shell, and other files of a process that is shared have hundreds of sockets and children.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { newFolder, weft } from './runner.ts'

beforeAll(async () => {
  // Loads every command, and with them most packages: the sources are compiled as they are first loaded.
  await weft(['--help'])
})

const typed = [
  { words: ['weft', 'con'], completed: 'connect connections' },
  { words: ['weft', 'key', 'ge'], completed: 'generate' },
  { words: ['weft', 'key', 'generate', '--t'], completed: '--type' },
  { words: ['weft', 'key', 'generate', '--type', ''], completed: 'Ed25519 secp256k1 ECDSA RSA' },
  { words: ['weft', 'ping', '/ip4/127.0.0.1/tcp/1', '--co'], completed: '--count' },
  // Its own files complete where nothing else does.
  { words: ['weft', 'node', '--dir', '/tm'], completed: '' }
]

describe('the command line', () => {
  it('is completed by bash, as its commands are', async () => {
    const script = path.join(await newFolder(), 'completion.bash')
    await writeFile(script, (await weft(['completion', 'bash'])).out.join('\n'))
    const asked = typed.map(({ words }) => {
      const set = `COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`
      return `${set}; COMPREPLY=(); _weft; echo "\${COMPREPLY[@]}"`
    })
    const shell = promisify(execFile)('bash', ['--norc', '-c', `. ${script}; ${asked.join('; ')}`])
    shell.child.stdin?.end()
    const { stdout } = await shell
    expect(stdout.split('\n').slice(0, typed.length)).toEqual(typed.map(({ completed }) => completed))
  })

  it('is completed by zsh and fish, and by no other shell', async () => {
    expect((await weft(['completion', 'zsh'])).out[0]).toContain('bashcompinit')
    const fish = (await weft(['completion', 'fish'])).out
    expect(fish).toContain(
      "complete -c weft -n '__fish_seen_subcommand_from key; and __fish_seen_subcommand_from generate' -l type -x -a 'Ed25519 secp256k1 ECDSA RSA'"
    )
    expect((await weft(['completion', 'tcsh'])).code).toBe(2)
  })
})
