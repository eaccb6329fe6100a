/** Vital signs set by set, what a person saw, and how scores and levels went. */
import type { ChartedRow, Numeric, ObservedRow, WholeRecord } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { clockTime } from '../care/format.ts'
import { UNITS } from '../care/vitals.ts'
import {
  band,
  isAtLeast,
  isBeyond,
  LEVEL_ROMAN,
  levelReason,
  missingName,
  news2Text,
  note,
  signName,
} from '../care/words.ts'
import { None, type PartProps, Section } from './paper.tsx'
import { useWriter } from './writer.ts'

const roman = (level: string): string => LEVEL_ROMAN[level] ?? level

/** Younger than this it is of its row's time. */
const OWN_CLOCK_MS = 60_000

const isSaid = (text: string): boolean => isBeyond(text) || text.startsWith('not taken: ')

/** What a set says of a sign, with the clock of its measurement where the set only tells it again. */
export function measuredText(one: Numeric | undefined, at_ms: number): string {
  if (one === undefined) return ''
  const said = one.value !== null ? String(one.value) : isSaid(one.note) ? note(one.note) : ''
  if (said === '' || !(one.age_ms >= OWN_CLOCK_MS)) return said
  return `${said} (${clockTime(at_ms - one.age_ms)})`
}

/** Of which record a row is, where it is of one that was merged into this. */
export function originText(whole: WholeRecord, id: string): string {
  const origin = whole.origins[id]
  if (origin === undefined) return ''
  const record = [origin.call_sign, origin.letter].filter(Boolean).join(' ')
  return t('print.origin', { record: record || t('print.other_run') })
}

type Line = { at_ms: number; set?: ChartedRow; seen?: ObservedRow }

export function Vitals({ whole }: PartProps) {
  const who = useWriter(whole)
  const lines: Line[] = [
    ...whole.charted.map((set) => ({ at_ms: set.at_ms, set })),
    ...whole.observed.map((seen) => ({ at_ms: seen.at_ms, seen })),
  ].sort((a, b) => a.at_ms - b.at_ms)
  const signs = [...new Set(whole.charted.flatMap((set) => set.values.map((one) => one.sign)))]
  return (
    <Section title={t('print.vitals')}>
      {lines.length === 0 ? (
        <None />
      ) : (
        <table className="pr-table" data-testid="vitals">
          <thead>
            <tr>
              <th>{t('print.time')}</th>
              {signs.map((sign) => (
                <th key={sign}>
                  {signName(sign)} <small>{UNITS[sign]}</small>
                </th>
              ))}
              <th>{t('print.consciousness')}</th>
              <th>{t('print.gcs')}</th>
              <th>{t('print.pain')}</th>
              <th>{t('print.on_oxygen')}</th>
              <th>{t('print.by')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ at_ms, set, seen }) => (
              <tr
                key={`${at_ms}${seen ? 'seen' : 'set'}${(seen ?? set)?.origin}${set?.device}`}
                data-origin={(seen ?? set)?.origin || undefined}
              >
                <td className="num">{clockTime(at_ms)}</td>
                {signs.map((sign) => (
                  <td key={sign} className="num">
                    {measuredText(
                      set?.values.find((one) => one.sign === sign),
                      at_ms,
                    )}
                  </td>
                ))}
                <td>
                  {seen?.consciousness &&
                    `${seen.consciousness} ${tOr(`care.acvpu.${seen.consciousness}`, '')}`}
                </td>
                <td className="num">{[seen?.gcs, seen?.gcs_text].filter(Boolean).join(' ')}</td>
                <td className="num">{seen?.pain ?? ''}</td>
                <td>
                  {seen?.on_oxygen === true && t('record.yes')}
                  {seen?.on_oxygen === false && t('record.no')}
                </td>
                <td>
                  {(seen ?? set)?.by ? who((seen ?? set)?.by ?? '') : t('print.monitor')}{' '}
                  {originText(whole, (seen ?? set)?.origin ?? '')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}

export function Scores({ whole, content }: PartProps) {
  const who = useWriter(whole)
  const { score_history: history } = whole.patient
  return (
    <Section title={t('print.scores')}>
      {history.length + whole.confirmed.length === 0 ? (
        <None />
      ) : (
        <table className="pr-table" data-testid="scores">
          <tbody>
            {history.map((row) => (
              <tr key={`proposed${row.at_ms}`}>
                <td className="num">{clockTime(row.at_ms)}</td>
                <th>{t('print.proposed')}</th>
                <td>
                  {row.level === ''
                    ? '--'
                    : `${isAtLeast(row) ? t('record.at_least') : ''} ${roman(row.level)}`}
                </td>
                <td>
                  NEWS2 {row.news2 === null ? '--' : `${news2Text(row)} ${band(row.news2_band)}`}
                </td>
                <td>
                  {row.level_reasons.map((one) => levelReason(one, content)).join(t('ui.comma'))}
                  {row.news2_missing.length > 0 &&
                    ` ${t('print.missing', { what: row.news2_missing.map((one) => missingName(one)).join(t('ui.comma')) })}`}
                </td>
              </tr>
            ))}
            {whole.confirmed.map((row) => (
              <tr key={`confirmed${row.at_ms}${row.origin}`} data-origin={row.origin || undefined}>
                <td className="num">{clockTime(row.at_ms)}</td>
                <th>
                  <b>{t('print.confirmed')}</b>
                </th>
                <td>
                  <b>{roman(row.level)}</b>
                </td>
                <td>
                  {who(row.by)} {originText(whole, row.origin)}
                </td>
                <td>
                  {row.proposed && `${t('print.proposed')} ${roman(row.proposed)}`} {row.reason}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
