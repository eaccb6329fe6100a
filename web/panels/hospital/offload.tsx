/** From the door to the second signature, against the marks that the release's limits name. */
import { t } from '@gh/i18n'
import { useLimits, useNow } from '@gh/live'
import { span } from '../care/format.ts'
import type { Inbound } from '../care/inbound.ts'

/** Seconds at the door; null: not there yet. Stands still once both have signed. */
function useOffload(inbound: Inbound): { seconds: number | null; marks: readonly number[] } {
  const now = useNow()
  const marks = useLimits()?.screen.offload_s ?? []
  const { arrived_ms, handover } = inbound
  const seconds = arrived_ms === null ? null : ((handover.ended_ms ?? now) - arrived_ms) / 1000
  return { seconds, marks }
}

/** 0: before the first mark; then how many marks are passed. */
const passed = (seconds: number | null, marks: readonly number[]): number =>
  seconds === null ? 0 : marks.filter((mark) => seconds > mark).length

const LOOKS = ['', 'first', 'over'] as const
const lookOf = (count: number): string => LOOKS[Math.min(count, LOOKS.length - 1)] ?? ''

export function OffloadScale() {
  const marks = useLimits()?.screen.offload_s ?? []
  return (
    <span className="gh-m gh-s">
      {t('hospital.offload_scale', { marks: marks.map((mark) => mark / 60).join(' / ') })}
    </span>
  )
}

export function OffloadTime({ inbound }: { inbound: Inbound }) {
  const { seconds, marks } = useOffload(inbound)
  return (
    <b className={`big num ${lookOf(passed(seconds, marks))}`}>
      {seconds === null ? '--' : span(seconds)}
    </b>
  )
}

export function OffloadBar({ inbound }: { inbound: Inbound }) {
  const { seconds, marks } = useOffload(inbound)
  const whole = marks.at(-1) ?? 1
  return (
    <i className="bar">
      <i
        style={{ width: `${Math.min(100, ((seconds ?? 0) / whole) * 100)}%` }}
        className={lookOf(passed(seconds, marks))}
      />
      {marks.slice(0, -1).map((mark) => (
        <s key={mark} style={{ left: `${(mark / whole) * 100}%` }} />
      ))}
    </i>
  )
}

/** The clock beside the signatures, while or after the vehicle stood at the door. */
export function Offload({ inbound }: { inbound: Inbound }) {
  if (inbound.arrived_ms === null) return null
  return (
    <div className="hs-offload">
      <span>{t('hospital.offload')}</span>
      <OffloadTime inbound={inbound} />
      <OffloadBar inbound={inbound} />
    </div>
  )
}
