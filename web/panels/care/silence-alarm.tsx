/**
 * A technical alarm: what should be heard from is not. It stands and sounds at both ends of the
 * link, since each end alone can only say that it hears nothing.
 */
import type { MissionRow, NumericSet } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow } from '@gh/live'
import { useTone } from '@gh/ui'
import { useState } from 'react'
import { ageText } from './format.ts'

interface Props {
  /** What is silent: `link`, `monitor` or `vehicle`, a key of the catalogues. */
  what: 'link' | 'monitor' | 'vehicle'
  /** Which vehicle, where there are several. */
  who?: string
  /** When it was last heard; null: it is heard, or never was. */
  heard_ms: number | null
  after_ms: number
}

/** When a vehicle's monitor was last heard in this run; what it said before was of somebody else. */
export function heardInRun(
  mission: MissionRow | undefined,
  numerics: NumericSet | undefined,
): number | null {
  if (mission === undefined || numerics === undefined) return null
  // What a person took off may be silent.
  if (mission.monitors.some((m) => m.off && m.device_id === numerics.device_id)) return null
  return numerics.received_ms >= (mission.assigned_ms ?? 0) ? numerics.received_ms : null
}

export function SilenceAlarm({ what, who, heard_ms, after_ms }: Props) {
  const now = useNow()
  const mute_s = useLimits()?.screen.mute_s
  const [until, setUntil] = useState(0)
  const active = heard_ms !== null && now - heard_ms >= after_ms
  const muted = now < until
  useTone('silence', active && !muted)
  if (!active) return null
  return (
    <div className="silence-alarm" role="alert" data-testid={`silence-${what}`}>
      <span>
        {who && <b className="nw">{who} </b>}
        <b>! {t(`care.silence.${what}`, { age: ageText(now - heard_ms) })}</b>{' '}
        {t(`care.silence.${what}_means`)}
      </span>
      {mute_s !== undefined && (
        <button type="button" className="tap" onClick={() => setUntil(now + mute_s * 1000)}>
          {muted
            ? t('care.alarm.muted', { s: Math.ceil((until - now) / 1000) })
            : t('care.alarm.mute', { s: mute_s })}
        </button>
      )}
    </div>
  )
}
