/** A client of the control socket: whatever it sends, however cut and whenever, is answered in bounded lines. */
import { equals } from '@weft/bytes'
import { maxLineLength } from '../../apps/cli/src/control/core/limits.ts'
import { encodeLine, parseReply, parseRequest, type Request } from '../../apps/cli/src/control/core/protocol.ts'
import { ControlSession } from '../../apps/cli/src/control/core/session.ts'

export const name = 'cli-control'

/** The first byte says how the rest is cut; the bits of the second, when an answer is finished and when time passes. */
export function fuzz(input: Uint8Array): void {
  const step = 1 + (input[0] ?? 0)
  const turns = input[1] ?? 0
  const bytes = input.subarray(2)
  const inPieces = talk(bytes, step, turns)
  const promptly = talk(bytes, step, 0)
  const atOnce = talk(bytes, bytes.byteLength + 1, 0)
  if (JSON.stringify(promptly) !== JSON.stringify(atOnce)) throw new Error('the cuts change what is asked')
  if (inPieces.length > promptly.length) throw new Error('a slow answer makes for more requests')
}

/** The requests that were understood. */
function talk(bytes: Uint8Array, step: number, turns: number): Request[] {
  const session = new ControlSession(0)
  const requests: Request[] = []
  let now = 0
  let answering = false
  let closed = false
  const act = (): void => {
    for (const action of session.takeActions()) {
      if (closed) throw new Error('something is done after the close')
      if (action.type === 'answer') {
        if (answering) throw new Error('two requests are answered at once')
        answering = true
        requests.push(checked(action.request))
      }
      if (action.type === 'send') checkLine(action.bytes)
      if (action.type === 'cancel') answering = false
      if (action.type === 'close') closed = true
    }
  }
  const answer = (): void => {
    while (answering) {
      answering = false
      session.reply({ item: {} }, now)
      session.reply({ end: {} }, now)
      act()
    }
  }
  for (let at = 0, turn = 0; at < bytes.byteLength && !closed; at += step, turn++) {
    session.receive(bytes.subarray(at, at + step), now)
    act()
    const bit = (turns >> (turn % 8)) & 1
    if (bit === 0) answer()
    else session.tick((now += 4000))
    act()
  }
  answer()
  session.left()
  act()
  if (!closed || session.wakeAt !== undefined) throw new Error('a client that has left is not closed')
  return requests
}

function checked(request: Request): Request {
  const again = parseRequest(encodeLine(request))
  if (JSON.stringify(again) !== JSON.stringify(request)) throw new Error('a request does not encode to what it was')
  return request
}

function checkLine(line: Uint8Array): void {
  if (line.byteLength > maxLineLength + 1) throw new Error('a line is too long')
  if (line.indexOf(0x0a) !== line.byteLength - 1) throw new Error('a line ends within')
  const reply = parseReply(line.subarray(0, -1))
  if (!equals(encodeLine(reply), line)) throw new Error('a reply does not encode to what it was')
}
