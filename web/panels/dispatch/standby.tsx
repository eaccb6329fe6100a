/** A case without a call: units wait at an occasion, and there may never be a patient. */
import type { IncidentRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend, uuid7 } from '@gh/live'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { dayOf, hm } from '../care/format.ts'
import { useDesk } from './desk.tsx'
import { chinaTime } from './model.ts'

export const spanText = ({ standby }: IncidentRow): string =>
  standby === null
    ? ''
    : t('standby.span', { from: minuteOf(standby.from_ms), until: minuteOf(standby.until_ms) })

const minuteOf = (ms: number): string => `${dayOf(ms)} ${hm(ms)}`

export function NewStandby({ onClose }: { onClose: () => void }) {
  const desk = useDesk()
  const { send, busy, refusal } = useSend()
  const [occasion, setOccasion] = useState('')
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const from_ms = chinaTime(from)
  const until_ms = chinaTime(until)
  async function open(): Promise<void> {
    if (from_ms === null || until_ms === null) return
    const incident_id = uuid7()
    const done = await send({
      kind: 'incident.open_standby',
      incident_id,
      occasion: occasion.trim(),
      from_ms,
      until_ms,
    })
    if (done === null) return
    desk.openCase(incident_id)
    onClose()
  }
  return (
    <Dialog
      title={t('standby.new_title')}
      onClose={onClose}
      testid="standby-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {occasion.trim() !== '' && from_ms !== null && until_ms !== null ? (
            <Button look="primary" busy={busy} onClick={() => void open()} data-testid="standby-go">
              {t('standby.go')}
            </Button>
          ) : null}
        </>
      }
    >
      <label className="gh-field">
        <span>{t('standby.occasion')}</span>
        <input
          className="gh-input big"
          maxLength={100}
          autoFocus
          value={occasion}
          onChange={(event) => setOccasion(event.target.value)}
          data-testid="standby-occasion"
        />
      </label>
      <label className="gh-field">
        <span>{t('standby.from')}</span>
        <input
          className="gh-input"
          type="datetime-local"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
          data-testid="standby-from"
        />
      </label>
      <label className="gh-field">
        <span>{t('standby.until')}</span>
        <input
          className="gh-input"
          type="datetime-local"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
          data-testid="standby-until"
        />
      </label>
      <p className="gh-m">{t('standby.hint')}</p>
    </Dialog>
  )
}

/** In the place of the questions: there is nobody to ask. */
export function StandbyFacts({ incident }: { incident: IncidentRow }) {
  return (
    <div className="standby" data-testid="standby-facts">
      <p>
        <b>{incident.standby?.occasion}</b>
      </p>
      <p className="gh-m">{spanText(incident)}</p>
      <p className="gh-m gh-s">{t('standby.patient_hint')}</p>
    </div>
  )
}
