/**
 * Lead II as on the monitor beside the patient, and the viewer that it opens: both come from the vehicle.
 * While the device is on somebody else, neither is there: it would stand under the wrong name.
 */
import type { MissionRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useNow } from '@gh/live'
import { useTheme } from '@gh/ui'
import { EcgDoor, type EcgFacts, EcgSweep, EcgViewer, ecgAge, useEcg } from '@gh/waveform'
import { useState } from 'react'
import { ageText } from '../care/format.ts'
import { placement, placeTitle, STANDARD } from '../care/leads.ts'
import { WarnMark } from '../care/marks.tsx'
import { isElsewhere } from '../care/monitors.ts'
import { EcgSaid, EcgWait } from '../record/ecg-physician.tsx'

const LEADS = ['II']

interface Props {
  mission: MissionRow
  patient: PatientRow | undefined
  facts: EcgFacts
  /** Where the electrodes of this device are is to be said. */
  onLeads: (deviceId: string) => void
}

export function EcgStrip({ mission, patient, facts, onLeads }: Props) {
  const unitId = mission.unit_id
  const { theme } = useTheme()
  const [open, setOpen] = useState(false)
  const state = useEcg(unitId, patient?.id ?? '', open)
  const content = useContent()
  const now = useNow()
  const elsewhere =
    state.elsewhere || isElsewhere(mission, patient, state.window?.declaration.device_id)
  if (elsewhere) {
    return (
      <section className="crew-ecg elsewhere" data-testid="ecg">
        <div className="crew-ecg-facts">
          <b className="late" data-testid="ecg-elsewhere">
            <WarnMark /> {t('monitor.ecg_elsewhere')}
          </b>
        </div>
      </section>
    )
  }
  if (state.window === null)
    return patient === undefined ? null : (
      <p className="panel crew-ecg-none" data-testid="ecg-none">
        {t('ecg.none')}
      </p>
    )
  const age = ecgAge(state, now)
  const { device_id } = state.window.declaration
  const place = placement(mission, device_id, now)
  return (
    <section className="crew-ecg" data-testid="ecg">
      <div className="crew-ecg-facts">
        <b>{t('ecg.scale')}</b>
        {state.window.declaration.replay && <span className="ecg-replay">{t('ecg.replay')}</span>}
        {place !== STANDARD && (
          <b className="late" data-testid="leads-moved">
            {t('leads.moved', { place: placeTitle(content, place) })}
          </b>
        )}
        {age.late && <b className="late">{t(age.word, { age: ageText(age.ms) })}</b>}
        <EcgWait patient={patient} />
        <EcgSaid patient={patient} />
      </div>
      {open ? (
        <EcgViewer
          unitId={unitId}
          patientId={patient?.id ?? ''}
          state={state}
          facts={facts}
          dark={theme === 'dark'}
          onClose={() => setOpen(false)}
        />
      ) : (
        <EcgDoor onOpen={() => setOpen(true)}>
          <EcgSweep state={state} leads={LEADS} />
        </EcgDoor>
      )}
      <div className="crew-ecg-do">
        <button type="button" className="tap" onClick={() => setOpen(true)} data-testid="ecg-open">
          {t('ecg.open')}
        </button>
        <button
          type="button"
          className="tap"
          onClick={() => onLeads(device_id)}
          data-testid="leads-open"
        >
          {t('leads.now', { place: placeTitle(content, place) })}
        </button>
      </div>
    </section>
  )
}
