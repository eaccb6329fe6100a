/** The live 12-lead ECG of the chosen patient's vehicle, full width below everything else. */
import { t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { Button, Dialog, Empty, Panel, useTheme } from '@gh/ui'
import { Calibration, EcgPaper, useCalibrated, useEcg } from '@gh/waveform'
import { useState } from 'react'
import { ageText } from '../care/format.ts'

const SILENT_MS = 2_000

export function Ecg({ unitId }: { unitId: string }) {
  const state = useEcg(unitId)
  const now = useNow()
  const { theme } = useTheme()
  const calibrated = useCalibrated()
  const [open, setOpen] = useState(false)
  const age = now - state.arrived_ms
  return (
    <Panel
      title={t('ecg.title')}
      className={state.window ? 'hs-ecg' : 'hs-ecg none'}
      testid="ecg"
      extra={
        state.window && (
          <div className="hs-ecg-facts">
            {state.window.declaration.replay && (
              <span className="ecg-replay">{t('ecg.replay')}</span>
            )}
            <span>{t('ecg.scale')}</span>
            <Button look="quiet" onClick={() => setOpen(true)}>
              {calibrated ? t('ecg.calibrated') : t('ecg.not_calibrated')}
            </Button>
            <b className={age > SILENT_MS ? 'late' : ''} data-testid="ecg-age">
              {t(age > SILENT_MS ? 'ecg.silent' : 'ecg.age', { age: ageText(Math.max(age, 0)) })}
            </b>
          </div>
        )
      }
    >
      {state.window ? (
        <EcgPaper state={state} dark={theme === 'dark'} />
      ) : (
        <Empty title={t('ecg.waiting')} hint={t('ecg.waiting_hint')} />
      )}
      {open && (
        <Dialog title={t('ecg.calibrate')} onClose={() => setOpen(false)}>
          <Calibration />
        </Dialog>
      )}
    </Panel>
  )
}
