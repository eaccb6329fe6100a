/** A line of 50 mm beside the reader's own ruler; until then a screen's millimetre is only assumed. */
import { t } from '@gh/i18n'
import { useSyncExternalStore } from 'react'
import {
  calibrate,
  GREATEST_FACTOR,
  isCalibrated,
  LEAST_FACTOR,
  onCalibration,
  pxPerMm,
} from './scale.ts'

const LINE_MM = 50
const CONVENTION = 96 / 25.4

export const useCalibrated = (): boolean => useSyncExternalStore(onCalibration, isCalibrated)

export function Calibration() {
  const mm = useSyncExternalStore(onCalibration, pxPerMm)
  return (
    <div className="ecg-calibration">
      <p>{t('ecg.calibrate_hint', { mm: LINE_MM })}</p>
      <div className="ecg-ruler" style={{ width: LINE_MM * mm }} />
      <input
        type="range"
        aria-label={t('ecg.calibrate')}
        min={LEAST_FACTOR}
        max={GREATEST_FACTOR}
        step={0.005}
        value={mm / CONVENTION}
        onChange={(event) => calibrate(Number(event.target.value))}
      />
    </div>
  )
}
