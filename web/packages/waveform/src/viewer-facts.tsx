/** Whose ECG it is, from when and from what; and how it is shown. */
import { clockTime, dayOf, duration, t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { Button } from '@gh/ui'
import { ecgAge } from './age.ts'
import { useCalibrated } from './calibration.tsx'
import { measureText, type Pairs } from './calipers.tsx'
import type { EcgState } from './feed.ts'
import { isOn } from './filters.ts'
import type { View } from './paper.tsx'
import type { EcgFacts } from './print.tsx'
import { pxPerMm } from './scale.ts'
import { filterText } from './words.ts'

interface HeadProps {
  state: EcgState
  facts: EcgFacts
  from_ms: number
  end_ms: number
  moving: boolean
  onClose: () => void
}

export function ViewerHead({ state, facts, from_ms, end_ms, moving, onClose }: HeadProps) {
  const age = ecgAge(state, useNow())
  const declaration = state.window?.declaration
  return (
    <header className="ecg-head">
      <h2>{t('ecg.title')}</h2>
      <b className="who">{facts.patient}</b>
      <span className="gh-m">{facts.case_number}</span>
      <span className="gh-m">{facts.unit}</span>
      {declaration && (
        <span className="gh-m">{t('ecg.device', { id: declaration.device_id })}</span>
      )}
      {declaration?.replay && <span className="ecg-replay">{t('ecg.replay')}</span>}
      <span className="gh-sp" />
      <span className={`when ${moving ? 'moving' : ''}`} data-testid="ecg-when">
        <b>
          {dayOf(from_ms)} {clockTime(from_ms)}–{clockTime(end_ms)}
        </b>
        <em>{t(moving ? 'ecg.moving' : 'ecg.standing')}</em>
      </span>
      <b className={age.late ? 'late' : 'gh-m'}>{t(age.word, { age: duration(age.ms / 1000) })}</b>
      <Button keycap="Esc" onClick={onClose} data-testid="ecg-close">
        {t('ecg.close')}
      </Button>
    </header>
  )
}

interface StatusProps {
  view: View
  rate_hz: number
  px_a_mm: number
  pairs: Pairs
  onCalibrate: () => void
}

export function StatusLine({ view, rate_hz, px_a_mm, pairs, onCalibrate }: StatusProps) {
  const calibrated = useCalibrated()
  const { caliper, march } = pairs
  return (
    <footer className="ecg-status">
      <b data-testid="ecg-scale">
        {view.speed} mm/s · {view.gain} mm/mV
      </b>
      <span className={isOn(view.filter) ? 'filtered' : 'gh-m'} data-testid="ecg-filter">
        {filterText(view.filter, rate_hz)}
      </span>
      <span className="gh-m">{t('ecg.rate', { n: rate_hz })}</span>
      {px_a_mm > 0 && (
        <span className="gh-m">{t('ecg.magnified', { n: (px_a_mm / pxPerMm()).toFixed(1) })}</span>
      )}
      <Button look="quiet" onClick={onCalibrate}>
        {calibrated ? t('ecg.calibrated') : t('ecg.not_calibrated')}
      </Button>
      <output aria-live="polite">
        {caliper && `${t('ecg.caliper')} ${measureText('caliper', caliper, view.gain)}`}
        {caliper && march && ' · '}
        {march && `${t('ecg.march')} ${measureText('march', march, view.gain)}`}
      </output>
      <span className="gh-sp" />
      <span className="gh-m keys">{t('ecg.keys')}</span>
    </footer>
  )
}
