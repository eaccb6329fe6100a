/** What was given, done, noted, assessed, measured and signed; what was withdrawn is struck out and legible. */
import type { EntryRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { clockTime, dayTime } from '../care/format.ts'
import { say } from '../dispatch/words.ts'
import { BodyMap } from '../record/body-map.tsx'
import { EcgReadings, readingsOf } from '../record/ecg-physician.tsx'
import { EcgReading } from '../record/ecg-reading.tsx'
import { Reading } from '../record/reading.tsx'
import { entryFacts, entryTitle, findingText, valueText } from '../record/words.ts'
import { None, Pairs, type PartProps, Section } from './paper.tsx'
import { useWriter } from './writer.ts'

const kindOf = (entries: readonly EntryRow[], kind: string): EntryRow[] =>
  entries.filter((entry) => entry.kind === kind).sort((a, b) => a.at_ms - b.at_ms)

function Entries({ whole, content, kind, title }: PartProps & { kind: string; title: string }) {
  const who = useWriter(whole)
  const entries = kindOf(whole.patient.record.entries, kind)
  return (
    <Section title={title}>
      {entries.length === 0 ? (
        <None />
      ) : (
        <table className="pr-table" data-testid={`entries-${kind}`}>
          <tbody>
            {entries.map((entry) => {
              const gone = entry.withdrawn !== ''
              const text = entryTitle(content, entry)
              const findings = entry.findings.map((finding) => findingText(content, finding))
              return (
                <tr key={entry.id} data-gone={gone || undefined}>
                  <td className="num">{clockTime(entry.at_ms)}</td>
                  <td>{gone ? <s>{text}</s> : <b>{text}</b>}</td>
                  <td>
                    {[...entryFacts(content, entry), ...findings].join(' · ')}
                    {gone &&
                      ` ${t('record.withdrawn', { reason: entry.withdrawn, who: who(entry.withdrawn_by) })}`}
                  </td>
                  <td>
                    {who(entry.by)}
                    {entry.charted_ms - entry.at_ms > 60_000 &&
                      ` ${t('record.charted_at', { time: clockTime(entry.charted_ms) })}`}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </Section>
  )
}

export const Drugs = (props: PartProps) => (
  <Entries {...props} kind="drug" title={t('print.drugs')} />
)
export const Procedures = (props: PartProps) => (
  <Entries {...props} kind="procedure" title={t('print.procedures')} />
)

export function Notes(props: PartProps) {
  const counts: Record<string, number> = {}
  for (const { region, withdrawn } of props.whole.patient.record.entries)
    if (region !== '' && withdrawn === '') counts[region] = (counts[region] ?? 0) + 1
  return (
    <>
      <Entries {...props} kind="note" title={t('print.notes')} />
      {Object.keys(counts).length > 0 && (
        <div className="pr-body">
          <BodyMap content={props.content} chosen="" counts={counts} />
        </div>
      )}
    </>
  )
}

export function Ecgs({ whole, content }: PartProps) {
  const who = useWriter(whole)
  const entries = kindOf(whole.patient.record.entries, 'ecg')
  return (
    <Section title={t('print.ecgs')}>
      {entries.length === 0 && <None />}
      {entries.map((entry) => {
        const gone = entry.withdrawn !== ''
        const reading = entry.ecg && <EcgReading content={content} read={entry.ecg} />
        return (
          <div
            key={entry.id}
            className="pr-ecg"
            data-gone={gone || undefined}
            data-testid={`ecg-${entry.id}`}
          >
            {gone ? <del>{reading}</del> : reading}
            <EcgReadings readings={readingsOf(whole.patient, entry.id)} who={who} />
            <p className="pr-small">
              {dayTime(entry.at_ms)} {who(entry.by)}
              {entry.charted_ms - entry.at_ms > 60_000 &&
                ` ${t('record.charted_at', { time: clockTime(entry.charted_ms) })}`}
              {gone &&
                ` ${t('record.withdrawn', { reason: entry.withdrawn, who: who(entry.withdrawn_by) })}`}
            </p>
          </div>
        )
      })}
    </Section>
  )
}

export function Sheets({ whole, content }: PartProps) {
  return whole.patient.record.sheets.map((reading) => {
    const sheet = content.sheets.find((one) => one.about.id === reading.sheet)
    if (sheet === undefined) return null
    const items = [...sheet.sections.flatMap((one) => one.items ?? []), ...content.inputs.items]
    return (
      <Section key={reading.sheet} title={`${t('print.sheets')} ${say(sheet.about.title)}`}>
        <Pairs
          rows={reading.used.map((used) => {
            const item = items.find((one) => one.id === used.item_id)
            return [
              say(item) || used.item_id,
              item === undefined ? String(used.value) : valueText(item, used.value),
            ]
          })}
        />
        <Reading content={content} sheet={sheet} reading={reading} brief />
      </Section>
    )
  })
}

export function Papers({ whole, content }: PartProps) {
  const who = useWriter(whole)
  const papers = kindOf(whole.patient.record.entries, 'form')
  return (
    <Section title={t('print.papers')}>
      {papers.length === 0 && <None />}
      {papers.map((entry) => {
        const form = content.record.forms.find((one) => one.id === entry.what)
        const same = form !== undefined && form.version === entry.form_version
        return (
          <div key={entry.id} className="pr-paper-form" data-testid={`paper-${entry.what}`}>
            <h3>
              {entryTitle(content, entry)}{' '}
              <small>{t('print.paper_version', { n: entry.form_version ?? '--' })}</small>
            </h3>
            <p>
              {same ? say(form.text) : t('print.other_text', { n: entry.form_version ?? '--' })}
            </p>
            <p>
              <b>{entryFacts(content, entry).join(' · ')}</b>
            </p>
            {entry.text !== null && (
              <p>
                {t('record.details')} {entry.text}
              </p>
            )}
            {entry.signature === null ? (
              <p className="pr-none">{t('print.no_strokes')}</p>
            ) : (
              <svg
                className="pr-strokes"
                viewBox="0 0 600 180"
                role="img"
                aria-label={t('record.signature')}
              >
                <path d={entry.signature} />
              </svg>
            )}
            <p className="pr-small">
              {dayTime(entry.at_ms)} {who(entry.by)}
            </p>
          </div>
        )
      })}
    </Section>
  )
}
