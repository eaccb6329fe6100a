/** Lead II as on the monitor beside the patient: it comes from the vehicle, without a network. */
import { t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { EcgSweep, useEcg } from '@gh/waveform'
import { ageText } from '../care/format.ts'

const LEAD = 'II'
const SILENT_MS = 2_000

export function EcgStrip({ unitId }: { unitId: string }) {
  const state = useEcg(unitId)
  const now = useNow()
  if (state.window === null) return null
  const age = now - state.arrived_ms
  return (
    <section className="crew-ecg" data-testid="ecg">
      <div className="crew-ecg-facts">
        <b>
          {LEAD} · {t('ecg.scale')}
        </b>
        {state.window.declaration.replay && <span className="ecg-replay">{t('ecg.replay')}</span>}
        {age > SILENT_MS && <b className="late">{t('ecg.silent', { age: ageText(age) })}</b>}
      </div>
      <EcgSweep state={state} lead={LEAD} />
    </section>
  )
}
