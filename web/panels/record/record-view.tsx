/** The record as the receiving team reads it: what matters at the door first. */
import type { Content, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent } from '@gh/live'
import { Empty, Skeleton } from '@gh/ui'
import { JUDGED } from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { NewestEcg } from './ecg-read.tsx'
import { Entries } from './entries.tsx'
import { FilesSection } from './files.tsx'
import { Reading } from './reading.tsx'
import './record.css'
import { writtenText } from './words.ts'

export function RecordView({ patient }: { patient: PatientRow }) {
  const content = useContent()
  if (content === undefined) return <Skeleton rows={5} />
  const { record } = patient
  const nothing =
    record.entries.length === 0 &&
    record.sheets.length === 0 &&
    Object.keys(record.fields).length === 0
  if (nothing)
    return (
      <div className="rec-view" data-testid="record-view">
        <Empty title={t('record.empty')} hint={t('record.empty_hint')} />
        <FilesSection patientId={patient.id} />
      </div>
    )
  return (
    <div className="rec-view" data-testid="record-view">
      <NewestEcg content={content} patient={patient} />
      {record.sheets.map((reading) => {
        const sheet = content.sheets.find((one) => one.about.id === reading.sheet)
        return (
          sheet && (
            <section key={reading.sheet}>
              <h3>{say(sheet.about.title)}</h3>
              <Reading content={content} sheet={sheet} reading={reading} brief />
            </section>
          )
        )
      })}
      <section>
        <h3>{t('record.chart')}</h3>
        <Entries
          content={content}
          patient={patient}
          kinds={['vitals', 'drug', 'procedure', 'note', 'form']}
        />
      </section>
      <Fields content={content} patient={patient} />
      <FilesSection patientId={patient.id} />
    </div>
  )
}

/** The fields of the form, then what was judged for the level: it has no reading of its own. */
export function sectionsOf(content: Content) {
  const judged = content.sheets.find((one) => one.about.id === JUDGED)
  return [
    ...content.record.sections.map((one) => ({ ...one, heading: say(one.title) })),
    ...(judged?.sections ?? []).map((one) => ({
      id: `judged.${one.id}`,
      heading: t('care.of_sheet', { sheet: say(judged?.about.title), what: say(one) }),
      fields: (one.items ?? []).map((item) => ({ ...item, id: `judged.${item.id}` })),
    })),
  ]
}

/** Only what is written; in a conflict both values. */
function Fields({ content, patient }: { content: Content; patient: PatientRow }) {
  const { fields } = patient.record
  const says = (id: string) => fields[id]?.some((one) => one.value !== null || one.text !== null)
  return sectionsOf(content).map((section) => {
    const written = section.fields.filter((field) => says(field.id))
    if (written.length === 0) return null
    return (
      <section key={section.id}>
        <h3>{section.heading}</h3>
        <dl className="rec-fields">
          {written.map((field) => (
            <div key={field.id}>
              <dt>{say(field)}</dt>
              <dd>
                {fields[field.id]?.map((one) => (
                  <span key={one.write_id}>{writtenText(field, one)}</span>
                ))}
                {(fields[field.id]?.length ?? 0) > 1 && (
                  <em className="un">{t('record.conflict')}</em>
                )}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    )
  })
}
