/** What must be seen without opening anything: the allergy, and what to put on. */
import type { Content, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent } from '@gh/live'
import './portrait.css'
import { alertName, isAllergic, portraitHint, ppeName } from './words.ts'

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
  return (
    <button
      type="button"
      className={`pt-notice ${isAllergic(patient.portrait) ? 'grave' : ''}`}
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

function warnings(content: Content, { portrait }: PatientRow): string[] {
  const alerts = portrait?.alerts ?? []
  const allergies = alerts.filter((alert) => alert.kind === 'allergy' && alert.id !== 'none')
  const ppe = [...new Set(alerts.filter((a) => a.kind === 'infection').map((a) => a.ppe))]
  const lines = ppe.map((id) => ppeName(content, id))
  if (allergies.length > 0) {
    const names = allergies.map((alert) => alertName(content, alert)).join(t('ui.comma'))
    const worst = allergies[0]?.severity ?? ''
    const severity = worst === '' ? '' : ` · ${t(`portrait.severity.${worst}`)}`
    lines.unshift(`${t('portrait.kind.allergy')} ${names}${severity}`)
  }
  return lines
}
