import { createReadStream } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportCar, importCar, resolve } from '../src/index.ts'
import { Blocks } from './blocks.ts'

const file = path.join(import.meta.dirname, 'fixtures', 'kubo18-flatfs-leveldb.dag.car')
const root = 'bafyreidryupsozrdtk7hjmxprqfpfcnle7fbsd76zdvmbed543n2uy66xa'
const leaf = 'bafkreid4r32xftg7gejo5z4z4ui5nsgwa5vjmxktnlnbsuuih4vjnlz2pe'

/** What `ipfs dag export` of kubo 0.43 wrote, and what its `ipfs dag resolve` says of the paths. */
describe('the CAR file of kubo', () => {
  it('is imported, and its paths end where kubo says', async () => {
    const blocks = new Blocks()
    const { roots } = await importCar(createReadStream(file), blocks)
    expect(roots.map(String)).toEqual([root])
    const linked = await resolve(blocks, `${root}/a`)
    expect([linked.cid.toString(), linked.path]).toEqual([leaf, ''])
    expect(new TextDecoder().decode(linked.value as Uint8Array)).toBe('hello from kubo\n')
    expect(await resolve(blocks, `${root}/n/2`)).toMatchObject({ path: 'n/2', value: { deep: true } })
  })

  it('is what we export, byte for byte', async () => {
    const blocks = new Blocks()
    const { roots } = await importCar(createReadStream(file), blocks)
    const written: Buffer[] = []
    for await (const chunk of exportCar(blocks, roots)) written.push(Buffer.from(chunk))
    const read: Buffer[] = []
    for await (const chunk of createReadStream(file)) read.push(chunk as Buffer)
    expect(Buffer.concat(written).equals(Buffer.concat(read))).toBe(true)
  })
})
