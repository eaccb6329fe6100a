/** The crew in danger: held for two seconds, so that no sleeve calls every seat. */
import type { UnitRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useFix, useNow, useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useRef, useState } from 'react'
import { ageText } from '../care/format.ts'

const HOLD_MS = 2_000

/** In the menu; by the keyboard it is Enter held as long. */
export function SosButton({ unit, onCalled }: { unit: UnitRow; onCalled: () => void }) {
  const fix = useFix(unit.id)
  const { send, busy, refusal } = useSend()
  const [held, setHeld] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const press = () => {
    if (held || busy) return
    setHeld(true)
    timer.current = setTimeout(() => {
      setHeld(false)
      const call = { kind: 'unit.call_help', unit_id: unit.id, point: fix?.point ?? null } as const
      void send(call).then((done) => done && onCalled())
    }, HOLD_MS)
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
        <small>{t('crew.sos_hold')}</small>
      </button>
      <Refused refusal={refusal} />
    </>
  )
}

/** Stands on every page of the tablet until somebody says why it is over. */
export function SosBar({ unit }: { unit: UnitRow | undefined }) {
  const now = useNow()
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  if (unit === undefined || unit.help_ms === null) return null
  return (
    <div className="crew-sos-bar" role="alert" data-testid="sos-bar">
      <b>{t('crew.sos_sent', { age: ageText(now - unit.help_ms) })}</b>
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
}
