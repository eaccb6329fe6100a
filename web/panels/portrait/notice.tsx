/** What must be seen without opening anything: the allergy, and what to put on. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent } from '@gh/live'
import './portrait.css'
import { isAllergic, portraitHint, toldAllergies, warnings } from './words.ts'

interface Props {
  patient: PatientRow
  /** Also where there is nothing to warn of: the hospital's only way to the portrait. */
  always?: boolean
  onOpen: () => void
}

export function PortraitNotice({ patient, always = false, onOpen }: Props) {
  const content = useContent()
  if (content === undefined) return null
  const lines = warnings(content, patient)
  if (lines.length === 0 && !always) return null
  const grave = isAllergic(patient.portrait) || toldAllergies(content, patient).length > 0
  return (
    <button
      type="button"
      className={`pt-notice ${grave ? 'grave' : ''}`}
      onClick={onOpen}
      data-testid="portrait-notice"
    >
      {lines.length === 0 ? (
        <span>
          <b>{t('portrait.title')}</b> {portraitHint(patient.portrait)}
        </span>
      ) : (
        lines.map((line) => <span key={line}>{line}</span>)
      )}
      <small>{lines.length > 0 && t('portrait.title')} ›</small>
    </button>
  )
}
