/** The crew in danger: the button is held, so that no sleeve calls every seat. */
import type { EdgeStatus, HelpOverRow, UnitRow } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { useFix, useLimits, useLink, useNow, useSend, useTable } from '@gh/live'
import { Refused } from '@gh/ui'
import { memo, useRef, useState } from 'react'
import { ageText, clockTime } from '../care/format.ts'
import { WarnMark } from '../care/marks.tsx'
import { useGet } from '../care/query.ts'
import { useWho } from '../care/who.ts'
import { alertOf, helpState } from './help.ts'
import { isConnected } from './links.ts'

/** In the menu; by the keyboard it is Enter held as long. */
export function SosButton({ unit, onCalled }: { unit: UnitRow; onCalled: () => void }) {
  const fix = useFix(unit.id)
  const hold_s = useLimits()?.screen.help_hold_s
  const { send, busy, refusal } = useSend()
  const [held, setHeld] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const press = () => {
    if (held || busy || hold_s === undefined) return
    setHeld(true)
    timer.current = setTimeout(() => {
      setHeld(false)
      const call = { kind: 'unit.call_help', unit_id: unit.id, point: fix?.point ?? null } as const
      void send(call).then((done) => done && onCalled())
    }, hold_s * 1000)
  }
  const release = () => {
    clearTimeout(timer.current)
    setHeld(false)
  }
  return (
    <>
      <button
        type="button"
        className="tap crew-sos"
        data-held={held || undefined}
        onPointerDown={press}
        onPointerUp={release}
        onPointerLeave={release}
        onKeyDown={(e) => e.key === 'Enter' && press()}
        onKeyUp={release}
        data-testid="sos"
      >
        {t('crew.sos')}
        {hold_s !== undefined && <small>{t('crew.sos_hold', { s: hold_s })}</small>}
      </button>
      <Refused refusal={refusal} />
    </>
  )
}

/** Stands on every page of the tablet until somebody says why it is over. */
export const SosBar = memo(function SosBar({ unit }: { unit: UnitRow | undefined }) {
  useLang()
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  if (unit === undefined || unit.help_ms === null) return null
  return (
    <div className="crew-sos-bar" role="alert" data-testid="sos-bar">
      <Heard unit={unit} since_ms={unit.help_ms} />
      <input
        className="crew-input"
        value={reason}
        placeholder={t('crew.sos_reason')}
        aria-label={t('crew.sos_reason')}
        onChange={(e) => setReason(e.target.value)}
        data-testid="sos-reason"
      />
      <button
        type="button"
        className="tap"
        disabled={busy || reason.trim() === ''}
        onClick={() =>
          void send({ kind: 'unit.end_help', unit_id: unit.id, reason: reason.trim() })
        }
        data-testid="sos-end"
      >
        {t('crew.sos_end')}
      </button>
      <Refused refusal={refusal} />
    </div>
  )
})

const SEEN = 'gh.help_over_seen'

/** Somebody else ended the crew's call: said until it was read, and how to call again. */
export const SosOver = memo(function SosOver({ unit }: { unit: UnitRow | undefined }) {
  const [seen, setSeen] = useState(() => Number(localStorage.getItem(SEEN) ?? 0))
  const over = unit?.help_over
  if (over == null || over.role === 'crew' || over.at_ms <= seen) return null
  const read = () => {
    localStorage.setItem(SEEN, String(over.at_ms))
    setSeen(over.at_ms)
  }
  return <Over over={over} onRead={read} />
})

function Over({ over, onRead }: { over: HelpOverRow; onRead: () => void }) {
  useLang()
  const who = useWho(useTable('log'))
  return (
    <div className="crew-sos-bar" role="alert" data-testid="sos-over">
      <b className="crew-sos-heard">
        {t('crew.sos_over', {
          time: clockTime(over.at_ms),
          who: [over.seat && t('app.seat', { seat: over.seat }), who(over.by)].join(' ').trim(),
          reason: over.reason,
        })}
      </b>
      <span>{t('crew.sos_again')}</span>
      <button type="button" className="tap" onClick={onRead} data-testid="sos-over-seen">
        {t('not_taken.seen')}
      </button>
    </div>
  )
}

/** How far the call has come: the centre's own alert says that it is there, and who has seen it. */
function Heard({ unit, since_ms }: { unit: UnitRow; since_ms: number }) {
  const now = useNow()
  const live = useLink().state === 'live'
  const edge = useGet<EdgeStatus>('/api/edge/status', { every_ms: 2_000, stale_ms: 0 })
  const who = useWho(useTable('log'))
  const alert = alertOf(unit, useTable('alerts'))
  const state = helpState(alert, isConnected(edge, live))
  const off_ms = edge.data?.last_contact_ms ?? since_ms
  return (
    <b className="crew-sos-heard" data-testid="sos-state" data-state={state}>
      {state === 'unsent' && <WarnMark />}
      {t(`crew.sos_${state}`, {
        age: ageText(now - (state === 'unsent' ? off_ms : since_ms)),
        who: who(alert?.acknowledged_by ?? '') || t('crew.sos_seat'),
        time: clockTime(alert?.acknowledged_ms ?? now),
      })}
    </b>
  )
}
