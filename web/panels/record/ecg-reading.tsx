/**
 * What was measured on a 12-lead ECG: numbers, and which cuts they meet. Never a diagnosis; a rule's
 * own name stands only once a clinician has signed the rules.
 */
import type { Content, EcgRead } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { clockTime } from '../care/format.ts'
import { say } from '../dispatch/words.ts'

/** A depression meets its cut from above. */
export const cutText = (cut_mm: number): string => `${cut_mm < 0 ? '≤' : '≥'} ${cut_mm}`

export function EcgReading({ content, read }: { content: Content; read: EcgRead }) {
  const { measured, findings } = read
  const rules = content.ecg
  const text = (table: Record<string, { zh: string; en: string }>, id: string) =>
    say(table[id]) || id
  const numbers: [string, number | null, string][] = [
    [t('ecg.heart_rate'), measured.heart_rate_per_min, '/min'],
    ['PR', measured.pr_ms, 'ms'],
    ['QRS', measured.qrs_ms, 'ms'],
    ['QT', measured.qt_ms, 'ms'],
    ['QTcF', measured.qtcf_ms, 'ms'],
  ]
  return (
    <section className="rec-ecg" data-testid="ecg-reading">
      <header>
        <b>{say(findings.reading_text)}</b>
        <span className="mu">
          {clockTime(read.begun_ms)} · {Math.round(read.lasts_ms / 1000)} s
          {read.test && <em className="rec-test">{t('ecg.replay')}</em>}
        </span>
      </header>
      <dl>
        {numbers.map(([name, value, unit]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value === null ? '--' : `${Math.round(value)} ${unit}`}</dd>
          </div>
        ))}
      </dl>
      {findings.findings.map((finding) => (
        <p key={`${finding.rule}${finding.leads[0]?.lead}`} className="bad">
          {finding.title ? say(finding.title) : t('ecg.cut_reached')}:{' '}
          {finding.leads
            .map((one) => `${one.lead} ${one.st_mm.toFixed(1)} mm (${cutText(one.cut_mm)})`)
            .join(' · ')}
          {finding.confounded && <em className="un"> {t('ecg.confounded')}</em>}
        </p>
      ))}
      <Leads standard={rules.standard} read={read} />
      <Line
        title={t('ecg.look')}
        ids={findings.needs_human.map((id) =>
          text({ ...rules.confounders, ...rules.cautions }, id),
        )}
      />
      <Line
        title={t('ecg.record_more')}
        ids={findings.prompts.map((id) => say(rules.prompts[id]?.text))}
      />
      <Line title={t('record.still_open')} ids={findings.missing.map(missingText)} />
      <Line title={t('ecg.unmeasured')} ids={whyOf(read)} />
      <Line
        title={t('ecg.not_assessed')}
        ids={findings.not_assessed.map((id) => text(rules.not_assessed, id))}
      />
      {findings.sign_off === 'unsigned' && <p className="mu">{t('record.unsigned')}</p>}
    </section>
  )
}

/** A lead is missing by its name, or the direction of its QRS as `V1_qrs`. */
function missingText(id: string): string {
  const lead = id.match(/^(.+)_qrs$/)?.[1]
  return lead === undefined ? tOr(`ecg.missing.${id}`, id) : t('ecg.missing_qrs', { lead })
}

const NUMBERS: Record<string, string> = {
  heart_rate_per_min: 'ecg.heart_rate',
  rr_irregular: 'ecg.rr',
  pr_ms: 'PR',
  qrs_ms: 'QRS',
  qt_ms: 'QT',
}

/** Why a number or a lead stands as `--`: one reason, and all that it keeps from being measured. */
function whyOf({ measured }: EcgRead): string[] {
  const found = new Map<string, string[]>()
  const add = (reason: string, what: string) =>
    found.set(reason, [...(found.get(reason) ?? []), what])
  for (const [name, label] of Object.entries(NUMBERS)) {
    const reason = measured.reasons[name]
    if (reason) add(reason, tOr(label, label))
  }
  for (const [lead, { reason }] of Object.entries(measured.leads)) if (reason) add(reason, lead)
  return [...found].map(
    ([reason, what]) => `${what.join(' ')} (${tOr(`ecg.reason.${reason}`, reason)})`,
  )
}

function Line({ title, ids }: { title: string; ids: readonly string[] }) {
  if (ids.length === 0) return null
  return (
    <p className="un">
      {title}: {ids.join(t('ui.comma'))}
    </p>
  )
}

/** ST at the J point by lead, in mm; a lead that could not be measured says so. */
function Leads({ standard, read }: { standard: readonly string[]; read: EcgRead }) {
  const known = read.measured.leads
  const names = [
    ...standard.filter((lead) => lead in known),
    ...Object.keys(known).filter((lead) => !standard.includes(lead)),
  ]
  return (
    <table className="rec-leads num">
      <tbody>
        <tr>
          {names.map((lead) => (
            <th key={lead}>{lead}</th>
          ))}
        </tr>
        <tr>
          {names.map((lead) => (
            <td key={lead}>{known[lead]?.st_j_mm?.toFixed(1) ?? '--'}</td>
          ))}
        </tr>
      </tbody>
    </table>
  )
}
