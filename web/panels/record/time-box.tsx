/** A time by taps: now, and from there back or forth; never later than now. */
import { t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { dayTimeUnlessToday } from '../care/format.ts'

const STEPS = [
  { label: '−1 d', ms: -86_400_000 },
  { label: '−30 min', ms: -1_800_000 },
  { label: '−5 min', ms: -300_000 },
  { label: '+5 min', ms: 300_000 },
] as const

export const stepped = (at: number | null, by_ms: number, now: number): number =>
  Math.round(Math.min((at ?? now) + by_ms, now))

export function TimeBox({
  value,
  onWrite,
}: {
  value: unknown
  onWrite: (value: number | null) => void
}) {
  const now = useNow()
  const at = typeof value === 'number' ? value : null
  return (
    <div className="rec-taps">
      <b className="num rec-time">{at === null ? '--:--' : dayTimeUnlessToday(at, now)}</b>
      <button type="button" className="tap" onClick={() => onWrite(Math.round(now))}>
        {t('record.now')}
      </button>
      {STEPS.map((step) => (
        <button
          key={step.label}
          type="button"
          className="tap num"
          onClick={() => onWrite(stepped(at, step.ms, now))}
        >
          {step.label}
        </button>
      ))}
      {at !== null && (
        <button type="button" className="tap" onClick={() => onWrite(null)}>
          {t('record.clear')}
        </button>
      )}
    </div>
  )
}
