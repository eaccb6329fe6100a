/**
 * What was measured on ultrasound pictures and is not in the record yet.
 *
 * Rule 1: it stays with its picture while others are looked at.
 * Rule 2: whoever leaves is asked first, as long as something of it is in no record.
 */
import type { StoredImage } from '@gh/contract'
import { t } from '@gh/i18n'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { type Line, lengthOf } from './images.ts'

export interface Marks {
  lines: readonly Line[]
  /** Of the lines the first so many are in the record. */
  saved: number
}
const NONE: Marks = { lines: [], saved: 0 }

/** By the hash of the picture. */
export type AllMarks = Readonly<Record<string, Marks>>

export const marksOf = (all: AllMarks, sha256: string): Marks => all[sha256] ?? NONE

export const unsavedIn = (all: AllMarks): number =>
  Object.values(all).reduce((sum, one) => sum + one.lines.length - one.saved, 0)

/** With these lines; what is cleared was said, and stands in the record. */
export function withLines(all: AllMarks, sha256: string, lines: readonly Line[]): AllMarks {
  const { saved } = marksOf(all, sha256)
  return { ...all, [sha256]: { lines, saved: Math.min(saved, lines.length) } }
}

export const withSaved = (all: AllMarks, sha256: string, saved: number): AllMarks => ({
  ...all,
  [sha256]: { ...marksOf(all, sha256), saved },
})

/** What of it is not in the record, as a note of it. */
export function noteText(image: StoredImage, { lines, saved }: Marks): string {
  const lengths = lines.slice(saved).map((line) => {
    const { n, unit } = lengthOf(line, image.regions)
    return t(`us.${unit}`, { n: n.toFixed(1) })
  })
  return t('us.note', { label: image.label, lengths: lengths.join(t('ui.comma')) })
}

/** `close` asks while something is unsaved; `question` is what it asks. */
export function useLeave(onClose: () => void): {
  close: () => void
  setUnsaved: (n: number) => void
  question: ReactNode
} {
  const [unsaved, setUnsaved] = useState(0)
  const [asking, setAsking] = useState(false)
  useEffect(() => {
    if (unsaved === 0) return setAsking(false)
    const stay = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', stay)
    return () => window.removeEventListener('beforeunload', stay)
  }, [unsaved])
  const close = useCallback(() => {
    if (unsaved === 0) onClose()
    else setAsking(true)
  }, [unsaved, onClose])
  const question = asking && (
    <div className="us-leave" role="alertdialog" aria-label={t('us.leave', { n: unsaved })}>
      <b className="un" data-testid="us-leave">
        {t('us.leave', { n: unsaved })}
      </b>
      <button type="button" className="tap" onClick={() => setAsking(false)}>
        {t('us.stay')}
      </button>
      <button type="button" className="tap" onClick={onClose} data-testid="us-leave-go">
        {t('us.leave_go')}
      </button>
    </div>
  )
  return { close, setUnsaved, question }
}
