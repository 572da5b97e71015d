/** The list in the node's datastore, where a changed one survives a restart. */
import { fromUtf8, toUtf8 } from '@weft/bytes'
import type { Datastore } from 'interface-datastore'
import { Key } from 'interface-datastore'

const key = new Key('/railing/list')

/** The stored list, or undefined where none is, or none that can be read. */
export async function loadList(datastore: Datastore): Promise<string[] | undefined> {
  if (!(await datastore.has(key))) return undefined
  let list: unknown
  try {
    list = JSON.parse(toUtf8(await datastore.get(key)))
  } catch {
    return undefined
  }
  return Array.isArray(list) && list.every(entry => typeof entry === 'string') ? list : undefined
}

export async function saveList(datastore: Datastore, list: readonly string[]): Promise<void> {
  await datastore.put(key, fromUtf8(JSON.stringify(list)))
}

export async function forgetList(datastore: Datastore): Promise<void> {
  await datastore.delete(key)
}
