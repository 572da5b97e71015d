// As often as js-libp2p reports.
const interval = 1000

/** What moved since the last report. */
export interface Report {
  timeSeconds: number
  uploadBytes: number
  downloadBytes: number
}

/** Counts bytes, and says when a report is due. `now` is in milliseconds. */
export class Progress {
  #reportedAt: number
  #uploaded = 0
  #downloaded = 0

  constructor(now: number) {
    this.#reportedAt = now
  }

  uploaded(bytes: number): void {
    this.#uploaded += bytes
  }

  downloaded(bytes: number): void {
    this.#downloaded += bytes
  }

  /** The report, once a second has passed since the last. */
  due(now: number): Report | undefined {
    const elapsed = now - this.#reportedAt
    if (elapsed < interval) return undefined
    const report = { timeSeconds: elapsed / 1000, uploadBytes: this.#uploaded, downloadBytes: this.#downloaded }
    this.#reportedAt = now
    this.#uploaded = this.#downloaded = 0
    return report
  }
}
