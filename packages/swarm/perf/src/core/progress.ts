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
  private _reportedAt: number
  private _uploaded = 0
  private _downloaded = 0

  constructor(now: number) {
    this._reportedAt = now
  }

  uploaded(bytes: number): void {
    this._uploaded += bytes
  }

  downloaded(bytes: number): void {
    this._downloaded += bytes
  }

  /** The report, once a second has passed since the last. */
  due(now: number): Report | undefined {
    const elapsed = now - this._reportedAt
    if (elapsed < interval) return undefined
    const report = { timeSeconds: elapsed / 1000, uploadBytes: this._uploaded, downloadBytes: this._downloaded }
    this._reportedAt = now
    this._uploaded = this._downloaded = 0
    return report
  }
}
