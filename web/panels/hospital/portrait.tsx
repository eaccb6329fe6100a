/** What the resident's record says of the patient who is coming; the hospital reads it only. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Portrait } from '../portrait/portrait.tsx'

export function PortraitPanel({ patient }: { patient: PatientRow }) {
  return (
    <section className="gh-panel hs-portrait" data-testid="portrait-panel">
      <div className="gh-ph">
        <h2>{t('portrait.title')}</h2>
      </div>
      <div className="hs-portrait-body">
        <Portrait patient={patient} />
      </div>
    </section>
  )
}
