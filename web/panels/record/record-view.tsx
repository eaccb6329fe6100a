/** The record as the receiving team reads it: what matters at the door first. */
import type { Content, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent } from '@gh/live'
import { Empty, Skeleton } from '@gh/ui'
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

/** Only what is written; in a conflict both values. */
function Fields({ content, patient }: { content: Content; patient: PatientRow }) {
  const { fields } = patient.record
  return content.record.sections.map((section) => {
    const written = section.fields.filter((field) => (fields[field.id]?.length ?? 0) > 0)
    if (written.length === 0) return null
    return (
      <section key={section.id}>
        <h3>{say(section.title)}</h3>
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
