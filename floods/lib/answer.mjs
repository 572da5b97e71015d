// The other end of child.mjs: a program answers questions, and ends with whoever started it.

/** What the program was started with. */
export const settings = JSON.parse(process.argv[2] ?? '{}')

/** `answers` has a function for each question. */
export function answer(answers) {
  process.on('disconnect', () => process.exit(0))
  process.on('message', async ({ id, question, params }) => {
    let reply
    try {
      reply = { id, result: (await answers[question]?.(params)) ?? null }
    } catch (error) {
      reply = { id, error: String(error.stack ?? error) }
    }
    // Whoever asked may be gone already.
    process.send(reply, () => {})
  })
}
