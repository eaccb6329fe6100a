/** FAST and the chest windows, window by window: items of the sheet that holds these scores. */
import type { Content, FieldContent, PatientRow, SheetContent } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useSend } from '@gh/live'
import { Refused, Skeleton } from '@gh/ui'
import { say } from '../dispatch/words.ts'
import { ItemInput } from './item-input.tsx'
import { writtenText } from './words.ts'

/** The score tables; the sections of the sheet that ask them have their names. */
const TABLES = ['fast', 'efast']

const sheetOf = (content: Content): SheetContent | undefined =>
  content.sheets.find((sheet) => sheet.sections.some((section) => section.id === TABLES[0]))

export function FastForm({ patient, writes }: { patient: PatientRow; writes: boolean }) {
  const content = useContent()
  const { send, busy, refusal } = useSend()
  if (content === undefined) return <Skeleton rows={6} />
  const sheet = sheetOf(content)
  if (sheet === undefined) return null
  const sheetId = sheet.about.id
  const opened = patient.record.sheets.some((one) => one.sheet === sheetId)
  const sections = sheet.sections.filter((section) => TABLES.includes(section.id))
  return (
    <aside className="us-form" data-testid="fast-form">
      <h3>{t('us.form')}</h3>
      <Result content={content} patient={patient} sheetId={sheetId} />
      {!opened && writes && (
        <button
          type="button"
          className="tap primary wide"
          disabled={busy}
          onClick={() =>
            void send({ kind: 'patient.open_sheet', patient_id: patient.id, sheet: sheetId })
          }
          data-testid="fast-open"
        >
          {t('us.form_open')}
        </button>
      )}
      <Refused refusal={refusal} />
      {!opened && !writes && <p className="mu">{t('us.form_closed')}</p>}
      {opened &&
        sections.map((section) => (
          <section key={section.id}>
            <h4>{say(section)}</h4>
            {section.items?.map((item) =>
              writes ? (
                <ItemInput
                  key={item.id}
                  patient={patient}
                  name={`${sheetId}.${item.id}`}
                  item={item}
                />
              ) : (
                <Said key={item.id} patient={patient} name={`${sheetId}.${item.id}`} item={item} />
              ),
            )}
          </section>
        ))}
    </aside>
  )
}

/** What the sheet reads of it; negative or not, it excludes nothing. */
function Result({
  content,
  patient,
  sheetId,
}: {
  content: Content
  patient: PatientRow
  sheetId: string
}) {
  const reading = patient.record.sheets.find((one) => one.sheet === sheetId)
  return (
    <div className="us-result" data-testid="fast-result">
      {TABLES.map((table) => {
        const score = reading?.scores.find((one) => one.table.split('@')[0] === table)
        const band = content.scores[table]?.bands.find((one) => one.id === score?.band)
        return (
          <p key={table}>
            {say(content.scores[table]?.about.title)}{' '}
            <b className={band ? '' : 'un'}>{band ? say(band.title) : t('us.result_none')}</b>
          </p>
        )
      })}
      <p className="us-warn">{t('us.negative')}</p>
    </div>
  )
}

function Said({ patient, name, item }: { patient: PatientRow; name: string; item: FieldContent }) {
  const writes = patient.record.fields[name] ?? []
  return (
    <p className="us-said">
      <span>{say(item)}</span>
      {/* Two people who have not agreed: both words. */}
      <b>{writes.map((one) => writtenText(item, one)).join(' / ') || '--'}</b>
    </p>
  )
}
