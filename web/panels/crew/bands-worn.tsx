/** The bands that patients of the run wear; one that is on the wrong wrist is taken back. */
import type { MissionRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { nameOf } from '../care/monitors.ts'
import { Choice, ReasonPicker } from './sheet.tsx'

interface Props {
  mission: MissionRow
  patients: readonly PatientRow[]
}

export function BandsWorn({ mission, patients }: Props) {
  const [chosen, setChosen] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const { send, busy, refusal } = useSend()
  const bands = Object.entries(mission.bands)
  const band = bands.find(([code]) => code === chosen)?.[0]
  if (bands.length === 0) return null

  async function take() {
    if (band === undefined) return
    const done = await send({
      kind: 'mission.take_band',
      mission_id: mission.id,
      band,
      reason: reason.trim(),
    })
    if (!done) return
    setChosen(null)
    setReason('')
  }

  return (
    <div className="crew-part" data-testid="bands-worn">
      <Choice<string>
        label={t('monitor.bands')}
        value={chosen}
        onChange={(code) => setChosen(code === chosen ? null : code)}
        testId="band"
        options={bands.map(([code, wearer]) => ({
          value: code,
          label: code,
          hint: nameOf(patients, wearer),
        }))}
      />
      {band !== undefined && (
        <>
          <p className="mu">{t('monitor.take_band_hint')}</p>
          <ReasonPicker
            label={t('crew.reason_required')}
            value={reason}
            onChange={setReason}
            reasons={['wrong', 'broken', 'swapped'].map((one) => t(`monitor.band_reason.${one}`))}
          />
          <div className="crew-actions">
            <Refused refusal={refusal} />
            <button
              type="button"
              className="tap wide"
              disabled={busy || reason.trim() === ''}
              onClick={() => void take()}
              data-testid="band-take"
            >
              {busy ? t('crew.sending') : t('monitor.take_band')}
            </button>
          </div>
        </>
      )}
    </div>
  )
}
