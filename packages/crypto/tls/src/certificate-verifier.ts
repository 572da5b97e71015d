import type { PeerId } from '@libp2p/interface'
import { ProvenPeers } from '@weft/interface-crypto-channel'
import { checkPeer, checkValidity, proveCertificate, type ProvenCertificate } from './verify-certificate.ts'

/** Verifies certificates, and remembers those that were good: who comes again with one costs no parsing and no signature check. */
export class CertificateVerifier {
  private readonly _proven = new ProvenPeers<ProvenCertificate>()

  /** As `verifyCertificate`. That a certificate was good says nothing of its time, which is checked again. */
  async verify(der: Uint8Array, expected?: PeerId, now: number = Date.now()): Promise<PeerId> {
    const { peerId, validity } = this._proven.get([der]) ?? (await this._prove(der, now))
    checkValidity(validity, now)
    checkPeer(peerId, expected)
    return peerId
  }

  private async _prove(der: Uint8Array, now: number): Promise<ProvenCertificate> {
    const proven = await proveCertificate(der, now)
    this._proven.add([der], proven)
    return proven
  }
}
