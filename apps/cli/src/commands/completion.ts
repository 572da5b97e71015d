import { Argument, Command } from 'commander'
import type { Io } from '../io.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

/** What may follow the words of a command: its subcommands and options, and the values of options that have a choice. */
interface Words {
  /** `weft`, `weft key`. */
  path: string
  words: string[]
  choices: Array<{ option: string; values: string[] }>
}

/** Prints a script that completes command lines. It is made of the commands as they are. */
export function completionCommand(io: Io): Command {
  const command = new Command('completion')
  return command
    .description('print a script that lets a shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText('after', '\n  eval "$(weft completion bash)"        # in ~/.bashrc; zsh the same in ~/.zshrc\n')
    .addHelpText('after', '  weft completion fish | source         # in ~/.config/fish/config.fish')
    .action((shell: Shell) => {
      const all = wordsOf(command.parent!, 'weft')
      io.out(shell === 'fish' ? fishScript(all) : `${shell === 'zsh' ? zshStart : ''}${bashScript(all)}`)
    })
}

function wordsOf(command: Command, path: string): Words[] {
  const { commands, options } = command
  const own: Words = {
    path,
    words: [
      ...commands.map(child => child.name()),
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      ...options.flatMap(({ long }) => long ?? []),
      '--help'
    ],
    choices: options.flatMap(({ long, argChoices }) =>
      long === undefined || long === null || argChoices === undefined ? [] : [{ option: long, values: argChoices }]
    )
  }
  return [own, ...commands.flatMap(child => wordsOf(child, `${path} ${child.name()}`))]
}

// zsh runs bash's completions.
const zshStart = 'autoload -U +X compinit && compinit; autoload -U +X bashcompinit && bashcompinit\n'

/** Words that are no option are subcommands as long as the path so far has them. Files complete where nothing else does. */
function bashScript(all: readonly Words[]): string {
  const cases = all.flatMap(({ path, words, choices }) => [
    ...choices.map(({ option, values }) => `    "${path} ${option}") words="${values.join(' ')}" ;;`),
    `    "${path}") words="${words.join(' ')}" ;;`
  ])
  const paths = all.map(({ path }) => `"${path}"`).join('|')
  return `_weft() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="weft" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in ${paths}) path="$path \${COMP_WORDS[i]}" ;; esac
  done
  case "$previous" in --*) path="$path $previous" ;; esac
  case "$path" in
${cases.join('\n')}
    *) path="\${path% --*}"; case "$current" in -*) case "$path" in
${all.map(({ path, words }) => `      "${path}") words="${words.join(' ')}" ;;`).join('\n')}
    esac ;; esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _weft weft`
}

function fishScript(all: readonly Words[]): string {
  return all
    .flatMap(({ path, words, choices }) => {
      const [, ...parents] = path.split(' ')
      const children = words.filter(word => !word.startsWith('-'))
      const conditions = parents.map(name => `__fish_seen_subcommand_from ${name}`)
      if (children.length > 0) conditions.push(`not __fish_seen_subcommand_from ${children.join(' ')}`)
      const line = `complete -c weft -n '${conditions.join('; and ') || 'true'}'`
      const long = words.filter(word => word.startsWith('--')).map(word => word.slice(2))
      return [
        ...(children.length === 0 ? [] : [`${line} -f -a '${children.join(' ')}'`]),
        ...long.map(word => {
          const choice = choices.find(({ option }) => option === `--${word}`)
          return `${line} -l ${word}${choice === undefined ? '' : ` -x -a '${choice.values.join(' ')}'`}`
        })
      ]
    })
    .join('\n')
}
