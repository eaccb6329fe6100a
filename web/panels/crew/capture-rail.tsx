/** The left thumb: what the crew writes down, each with what is there already. */
import type { HandoverRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { ageText, hm } from '../care/format.ts'
import { isOutdated } from '../care/outdated.ts'
import { LEVEL_ROMAN, sexAge } from '../care/words.ts'
import { useFiles } from '../record/files.ts'

export type Page =
  | 'patient'
  | 'portrait'
  | 'vitals'
  | 'observe'
  | 'assess'
  | 'triage'
  | 'chart'
  | 'ultrasound'
  | 'files'
  | 'record'
  | 'level'
  | 'hospital'
  | 'prealert'
  | 'correct_prealert'
  | 'sign'
  | 'correct'
  | 'ended'
  | 'untreated'
  | 'monitor'
  | 'leads'
  | 'number'

const ICONS: Record<string, string> = {
  patient: 'M20 6a7 7 0 1 1 0 14 7 7 0 0 1 0-14M6 36c0-8 6-12 14-12s14 4 14 12',
  vitals: 'M20 35C8 26 4 20 4 14a8 8 0 0 1 16-2 8 8 0 0 1 16 2c0 6-4 12-16 21zM20 15v10M15 20h10',
  observe: 'M2 21h8l4-12 7 24 6-17 3 5h8',
  assess: 'M8 5h24v30H8zM14 13l3 3 5-6M14 24l3 3 5-6M25 14h4M25 25h4',
  chart: 'M27 6l7 7M24 9l7 7L16 31l-8 1 1-8zM20 13l7 7M8 32l-4 4',
  files: 'M4 12h8l3-5h10l3 5h8v22H4zM20 17a6 6 0 1 1 0 12 6 6 0 0 1 0-12',
  record: 'M9 4h16l6 6v26H9zM25 4v6h6M14 18h12M14 24h12M14 30h8',
  level: 'M20 4l14 6v9c0 9-6 14-14 17C12 33 6 28 6 19v-9zM14 20l5 5 8-10',
  hospital: 'M8 36V8h24v28M3 36h34M20 13v10M15 18h10M16 36v-7h8v7',
  sign: 'M5 30c5 0 8-16 12-16s2 14 6 14 4-10 8-10M5 36h30',
}

interface Props {
  page: Page | null
  patient: PatientRow | undefined
  handover: HandoverRow | undefined
  destination: string
  onOpen: (page: Page) => void
}

export function CaptureRail({ page, patient, handover, destination, onOpen }: Props) {
  const now = useNow()
  const files = useFiles(patient?.id ?? '').data?.length ?? 0
  const items: { page: Page; hint: string }[] = [
    { page: 'patient', hint: patient ? sexAge(patient) : t('crew.not_registered') },
  ]
  if (patient) {
    const typed = patient.record.entries.filter((e) => e.kind === 'vitals' && e.withdrawn === '')
    items.push({
      page: 'vitals',
      hint: typed.length === 0 ? '' : hm(Math.max(...typed.map((e) => e.at_ms))),
    })
    const outdated = Object.keys(patient.seen_ms).filter((one) => isOutdated(patient, one, now))
    const oldest_ms = outdated.map((one) => patient.seen_ms[one] ?? now).sort((a, b) => a - b)[0]
    items.push({
      page: 'observe',
      hint: patient.consciousness
        ? [
            patient.consciousness,
            patient.gcs_text,
            oldest_ms !== undefined && t('crew.stale', { age: ageText(now - oldest_ms) }),
          ]
            .filter(Boolean)
            .join(' · ')
        : t('crew.not_assessed'),
    })
    const { record } = patient
    const standing = record.entries.filter(
      (e) => !['form', 'vitals'].includes(e.kind) && e.withdrawn === '',
    )
    items.push({
      page: 'assess',
      hint: record.sheets.length === 0 ? '' : t('crew.sheets_n', { n: record.sheets.length }),
    })
    items.push({
      page: 'chart',
      hint: standing.length === 0 ? '' : t('crew.entries_n', { n: standing.length }),
    })
    items.push({ page: 'files', hint: files === 0 ? '' : t('files.n', { n: files }) })
    items.push({
      page: 'record',
      hint:
        record.signed_ms !== null
          ? t('crew.record_signed')
          : record.missing.length > 0
            ? t('record.missing_n', { n: record.missing.length })
            : '',
    })
    items.push({
      page: 'level',
      hint: patient.level
        ? `${LEVEL_ROMAN[patient.level] ?? patient.level} ${t('crew.is_confirmed')}`
        : patient.score?.level
          ? t('crew.proposed_short', { level: LEVEL_ROMAN[patient.score.level] ?? '' })
          : t('crew.not_confirmed'),
    })
  }
  items.push({ page: 'hospital', hint: t(destination ? 'crew.is_chosen' : 'crew.is_not_chosen') })
  if (handover && ['sent', 'acknowledged', 'handed_over'].includes(handover.state))
    items.push({
      page: 'sign',
      hint: t('crew.signed_n', { n: Object.keys(handover.signatures).length }),
    })
  return (
    <nav className="crew-capture" aria-label={t('crew.capture')}>
      {items.map((item) => (
        <button
          key={item.page}
          type="button"
          aria-pressed={page === item.page}
          onClick={() => onOpen(item.page)}
          data-testid={`capture-${item.page}`}
        >
          <svg viewBox="0 0 40 40" aria-hidden="true">
            <path d={ICONS[item.page]} />
          </svg>
          {t(`crew.page.${item.page}`)}
          <small>{item.hint}</small>
        </button>
      ))}
    </nav>
  )
}
