// Installs and compiles the foreign peers that `.ci/run` talks to: js-libp2p, go-libp2p, those of 2015 to 2021. It needs nothing
// of what is installed in the root, and runs while that is.
import path from 'node:path'
import { foreignPeers } from '../interop/lib/foreign.mjs'
import { install, installJsLibp2p, root } from '../interop/lib/setup.mjs'
import { prepareLegacy } from '../interop/scenarios/legacy.mjs'

// It runs beside the two that install packages, which block this process.
const go = foreignPeers.go.prepare()
installJsLibp2p()
install(path.join(root, 'compliance'))
await Promise.all([go, prepareLegacy()])
console.log('1 passed, 0 failed')
