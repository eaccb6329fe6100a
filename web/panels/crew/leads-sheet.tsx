/** Electrodes were moved, or put back: which leads the channels are from then on. */
import type { MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useNow, useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { placements, placeTitle, placings, STANDARD } from '../care/leads.ts'
import { Choice, Sheet } from './sheet.tsx'

const SINCE_S = [0, 10, 30, 60] as const

interface Props {
  mission: MissionRow
  deviceId: string
  onClose: () => void
}

export function LeadsSheet({ mission, deviceId, onClose }: Props) {
  const content = useContent()
  const now = useNow()
  const said = placings(mission, deviceId, now)
  const last = said.at(-1)
  const before = said.at(-2)?.placement ?? STANDARD
  const [place, setPlace] = useState<string | null>(null)
  const [since, setSince] = useState(0)
  const { send, busy, refusal } = useSend()

  async function say(id: string, from_ms: number | null) {
    const done = await send({
      kind: 'mission.place_leads',
      mission_id: mission.id,
      device_id: deviceId,
      placement: id,
      from_ms,
    })
    if (done) onClose()
  }

  return (
    <Sheet title={t('leads.title')} onClose={onClose} testId="leads-sheet">
      <div className="crew-form">
        <p className="mu">{t('leads.hint')}</p>
        <Choice<string>
          label={t('leads.place')}
          value={place ?? last?.placement ?? STANDARD}
          onChange={setPlace}
          testId="leads-place"
          options={placements(content).map((id) => ({ value: id, label: placeTitle(content, id) }))}
        />
        <Choice<number>
          label={t('leads.since')}
          value={since}
          onChange={setSince}
          testId="leads-since"
          options={SINCE_S.map((s) => ({
            value: s,
            label: s === 0 ? t('leads.since_now') : t('leads.since_s', { s }),
          }))}
        />
        <div className="crew-actions">
          <Refused refusal={refusal} />
          <button
            type="button"
            className="tap primary wide"
            disabled={busy || place === null}
            onClick={() =>
              place !== null && void say(place, since === 0 ? null : now - since * 1000)
            }
            data-testid="leads-save"
          >
            {busy ? t('crew.sending') : t('leads.save')}
          </button>
          {last !== undefined && last.placement !== before && (
            <button
              type="button"
              className="tap wide"
              disabled={busy}
              onClick={() => void say(before, last.from_ms)}
              data-testid="leads-undo"
            >
              {t('leads.undo', {
                time: clockTime(last.from_ms),
                place: placeTitle(content, before),
              })}
            </button>
          )}
        </div>
      </div>
    </Sheet>
  )
}
