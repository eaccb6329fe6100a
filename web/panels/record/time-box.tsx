/** A time of today by taps: now, and some minutes earlier. */
import { t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { clockTime } from '../care/format.ts'

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
      <b className="num rec-time">{at === null ? '--:--' : clockTime(at).slice(0, 5)}</b>
      <button type="button" className="tap" onClick={() => onWrite(Math.round(now))}>
        {t('record.now')}
      </button>
      {[5, 30].map((minutes) => (
        <button
          key={minutes}
          type="button"
          className="tap num"
          onClick={() => onWrite(Math.round((at ?? now) - minutes * 60_000))}
        >
          −{minutes} min
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
