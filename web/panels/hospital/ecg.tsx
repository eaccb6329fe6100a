/** The live 12-lead ECG of the chosen patient's vehicle, and the viewer that it opens. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useNow, useRow } from '@gh/live'
import { Button, Dialog, Empty, Panel, useTheme } from '@gh/ui'
import {
  Calibration,
  EcgDoor,
  type EcgFacts,
  EcgPaper,
  EcgViewer,
  ecgAge,
  useCalibrated,
  useEcg,
} from '@gh/waveform'
import { useState } from 'react'
import { ageText } from '../care/format.ts'
import { placement, placeTitle, STANDARD } from '../care/leads.ts'
import { isElsewhere } from '../care/monitors.ts'
import { EcgSaid, EcgWait, newestEcgEntry } from '../record/ecg-physician.tsx'
import { NewestEcg } from '../record/ecg-read.tsx'

interface Props {
  unitId: string
  facts: EcgFacts
  patient: PatientRow | undefined
}

export function Ecg({ unitId, facts, patient }: Props) {
  const content = useContent()
  const [open, setOpen] = useState<'calibration' | 'viewer' | null>(null)
  const state = useEcg(unitId, patient?.id ?? '', true)
  const mission = useRow('missions', patient?.mission_id)
  const elsewhere =
    state.elsewhere || isElsewhere(mission, patient, state.window?.declaration.device_id)
  const now = useNow()
  const place = placement(mission, state.window?.declaration.device_id, now)
  const { theme } = useTheme()
  const calibrated = useCalibrated()
  const close = () => setOpen(null)
  const age = ecgAge(state, now)
  return (
    <Panel
      title={t('ecg.title')}
      className={state.window ? 'hs-ecg' : 'hs-ecg none'}
      testid="ecg"
      extra={
        <div className="hs-ecg-facts">
          <EcgSaid patient={patient} />
          <EcgWait patient={patient} />
          {state.window && !elsewhere && (
            <>
              {state.window.declaration.replay && (
                <span className="ecg-replay">{t('ecg.replay')}</span>
              )}
              <span>{t('ecg.scale')}</span>
              {place !== STANDARD && (
                <b className="late" data-testid="leads-moved">
                  {t('leads.moved', { place: placeTitle(content, place) })}
                </b>
              )}
              <Button look="quiet" onClick={() => setOpen('calibration')}>
                {calibrated ? t('ecg.calibrated') : t('ecg.not_calibrated')}
              </Button>
              <b className={age.late ? 'late' : ''} data-testid="ecg-age">
                {t(age.word, { age: ageText(age.ms) })}
              </b>
              <Button onClick={() => setOpen('viewer')} data-testid="ecg-open">
                {t('ecg.open')}
              </Button>
            </>
          )}
        </div>
      }
    >
      {elsewhere ? (
        <Empty title={t('monitor.ecg_elsewhere')} hint={t('monitor.not_on_this')} />
      ) : open === 'viewer' ? null : state.window ? (
        <EcgDoor onOpen={() => setOpen('viewer')}>
          <EcgPaper state={state} dark={theme === 'dark'} />
        </EcgDoor>
      ) : (
        <Empty title={t('ecg.waiting')} hint={t('ecg.waiting_hint')} />
      )}
      {open === 'viewer' && !elsewhere && (
        <EcgViewer
          unitId={unitId}
          patientId={patient?.id ?? ''}
          state={state}
          facts={facts}
          dark={theme === 'dark'}
          onClose={close}
          reading={
            content && patient && newestEcgEntry(patient) ? (
              <NewestEcg content={content} patient={patient} />
            ) : undefined
          }
        />
      )}
      {open === 'calibration' && (
        <Dialog title={t('ecg.calibrate')} onClose={close}>
          <Calibration />
        </Dialog>
      )}
    </Panel>
  )
}
