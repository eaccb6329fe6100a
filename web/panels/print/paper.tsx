/** The electronic record on A4: everything that was written, with who wrote it and what it was before. */
import type { Content, FieldContent, WholeRecord, WrittenRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { useSession } from '@gh/session'
import type { ReactNode } from 'react'
import { useLexicon } from '../care/content.tsx'
import { clockTime, dayOf, dayTime } from '../care/format.ts'
import { sexAge, source } from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { writtenText } from '../record/words.ts'
import { nodeName } from '../review/words.ts'
import { Drugs, Ecgs, Notes, Papers, Procedures, Sheets } from './care.tsx'
import { FileList } from './files.tsx'
import { Judgements } from './judged.tsx'
import { Scores, Vitals } from './measured.tsx'
import { OwnAlarms } from './own-alarms.tsx'
import { Corrections, Handovers, Signatures } from './proof.tsx'
import { useWriter } from './writer.ts'

export interface PartProps {
  whole: WholeRecord
  content: Content
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="pr-section">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

export const None = () => <p className="pr-none">{t('print.none')}</p>

export function Paper({ whole, content, printed_ms }: PartProps & { printed_ms: number }) {
  const session = useSession()
  const { mission } = whole
  const time = dayTime(printed_ms || serverNow())
  const rules = [content.record.about, ...content.sheets.map((one) => one.about)]
  return (
    <article className="pr-paper" data-testid="paper">
      {/* A table's head and foot come again on every page, in every browser. */}
      <table className="pr-frame">
        <thead>
          <tr>
            <td>
              <div className="pr-running">
                <span>{t('print.title')}</span>
                <span>{t('print.page', { number: mission.incident_number, time })}</span>
              </div>
            </td>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>
              <h1>{say(content.record.about.title)}</h1>
              {session !== undefined && session?.world !== 'live' && (
                <p className="pr-warn">{t('print.simulated')}</p>
              )}
              {rules.some((about) => about.sign_off === 'unsigned') && (
                <p className="pr-warn">{t('print.unsigned_rules')}</p>
              )}
              {whole.patient.record.signed_ms === null && (
                <p className="pr-warn">{t('print.not_signed')}</p>
              )}
              <Head whole={whole} />
              <Times whole={whole} />
              <Fields whole={whole} content={content} />
              <Vitals whole={whole} content={content} />
              <OwnAlarms whole={whole} content={content} />
              <Scores whole={whole} content={content} />
              <Judgements whole={whole} content={content} />
              <Ecgs whole={whole} content={content} />
              <Drugs whole={whole} content={content} />
              <Procedures whole={whole} content={content} />
              <Notes whole={whole} content={content} />
              <Sheets whole={whole} content={content} />
              <Papers whole={whole} content={content} />
              <FileList whole={whole} />
              <Handovers whole={whole} />
              <Corrections whole={whole} content={content} />
              <Signatures whole={whole} content={content} />
            </td>
          </tr>
        </tbody>
      </table>
    </article>
  )
}

function Head({ whole }: { whole: WholeRecord }) {
  const lexicon = useLexicon()
  const { patient, mission, case: found, crew } = whole
  const rows: [string, string][] = [
    [t('print.case'), mission.incident_number],
    [t('print.vehicle'), mission.call_sign],
    [t('print.crew'), crew.join(t('ui.comma')) || t('ui.unknown')],
    [
      t('print.dispatch_level'),
      `${found?.level || mission.level} ${found ? lexicon.topic(found.topic) : ''}`,
    ],
    [t('print.place'), found?.label || t('ui.unknown')],
    [t('print.hospital'), mission.destination_name || t('print.no_value')],
    [t('print.name'), writtenName(whole)],
    [t('print.sex_age'), sexAge(patient)],
    [t('print.registered'), dayTime(patient.registered_ms)],
  ]
  return <Pairs rows={rows} />
}

/** On paper nobody may take what somebody was called meanwhile for a name. */
function writtenName({ patient, named }: WholeRecord): string {
  if (patient.name !== null) return patient.name
  if (named) return t('care.erased')
  const called = say(patient.working_name)
  return called === '' ? t('ui.unknown') : t('print.working_name', { name: called })
}

export function Pairs({ rows }: { rows: readonly [string, ReactNode][] }) {
  return (
    <dl className="pr-pairs">
      {rows.map(([label, text]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

function Times({ whole }: { whole: WholeRecord }) {
  const { nodes } = whole
  const who = useWriter(whole)
  const first = nodes[0]
  return (
    <Section title={t('print.times')}>
      {first === undefined ? (
        <None />
      ) : (
        <table className="pr-table pr-times" data-testid="times">
          <tbody>
            {nodes.map((node) => (
              <tr key={`${node.code}${node.at_ms}`}>
                <th>{/^T\d/.test(node.code) ? node.code : ''}</th>
                <td>{nodeName(node.code)}</td>
                <td className="num">
                  {dayOf(node.at_ms) === dayOf(first.at_ms)
                    ? clockTime(node.at_ms)
                    : dayTime(node.at_ms)}
                </td>
                <td>
                  {[source(node.source), who(node.actor)].filter(Boolean).join(' · ')}
                  {node.estimated && ` · ${t('print.late')}`}
                  {node.original_ms !== null &&
                    ` · ${t('print.was', { time: clockTime(node.original_ms) })}`}
                  {node.reason && ` · ${t('print.reason')} ${node.reason}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}

/** Every section of the form; a field that nobody filled in says so, a conflict shows all its values. */
function Fields({ whole, content }: PartProps) {
  const { fields } = whole.patient.record
  return content.record.sections.map((section) => (
    <Section key={section.id} title={say(section.title)}>
      <Pairs
        rows={section.fields.map((field): [string, ReactNode] => [
          say(field),
          <Written key={field.id} whole={whole} field={field} writes={fields[field.id] ?? []} />,
        ])}
      />
    </Section>
  ))
}

interface WrittenProps {
  whole: WholeRecord
  field: FieldContent
  writes: readonly WrittenRow[]
}

function Written({ whole, field, writes }: WrittenProps) {
  const who = useWriter(whole)
  const text = (one: WrittenRow): string => {
    const empty = one.value === null && field.kind !== 'text'
    // A screen says the hour; on paper the day matters too.
    const at = field.kind === 'time' && typeof one.value === 'number' ? dayTime(one.value) : ''
    const said = empty ? t('print.emptied') : at || writtenText(field, one)
    return one.reason === '' ? said : `${said} (${t('print.reason')} ${one.reason})`
  }
  const [only] = writes
  if (only === undefined) return <span className="pr-none">{t('print.no_value')}</span>
  if (writes.length === 1) return text(only)
  const told = writes.map((one) => `${text(one)} (${who(one.by)} ${clockTime(one.at_ms)})`)
  return (
    <b className="pr-conflict">
      {t('print.conflict')} {told.join(' / ')}
    </b>
  )
}
