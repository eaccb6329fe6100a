/** A run that was called off is said and sounded until the crew says that it has read so. */
import type { MissionRow } from '@gh/contract'
import { t, tOr, useLang } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Refused, useTone } from '@gh/ui'
import { memo } from 'react'
import { clockTime } from '../care/format.ts'
import { WarnMark } from '../care/marks.tsx'
import './ended.css'
import { calledOff } from './model.ts'

interface Props {
  missions: readonly MissionRow[]
  unitId: string
}

export const CalledOff = memo(function CalledOff({ missions, unitId }: Props) {
  useLang()
  const { send, busy, refusal } = useSend()
  const told = calledOff(missions, unitId)
  useTone('called_off', told.length > 0)
  if (told.length === 0) return null
  async function seen() {
    for (const run of told) {
      if (!(await send({ kind: 'mission.see_stand_down', mission_id: run.id }))) return
    }
  }
  return (
    <div className="crew-called-off" role="alert" data-testid="called-off">
      <WarnMark />
      <ul>
        {told.map((run) => (
          <li key={run.id}>
            <b>
              {t('crew.called_off', {
                reason: tOr(`stand_down.${run.stand_down_reason}`, run.stand_down_reason),
              })}
            </b>{' '}
            {run.incident_number}
            {run.stand_down_seat && ` · ${t('app.seat', { seat: run.stand_down_seat })}`}
            {run.ended_ms !== null && ` · ${clockTime(run.ended_ms)}`}
          </li>
        ))}
      </ul>
      <Refused refusal={refusal} />
      <button
        type="button"
        className="tap primary"
        disabled={busy}
        onClick={() => void seen()}
        data-testid="called-off-seen"
      >
        {busy ? t('crew.sending') : t('crew.called_off_seen')}
      </button>
    </div>
  )
})
