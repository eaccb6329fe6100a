/** What a person judged, with who and when; what nobody judged is named, and is no "no". */
import type { WrittenRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { clockTime } from '../care/format.ts'
import { JUDGED } from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { valueText } from '../record/words.ts'
import { None, type PartProps, Section } from './paper.tsx'
import { useWriter } from './writer.ts'

export function Judgements({ whole, content }: PartProps) {
  const who = useWriter(whole)
  const sheet = content.sheets.find((one) => one.about.id === JUDGED)
  if (sheet === undefined) return null
  const { fields } = whole.patient.record
  const rows = sheet.sections.flatMap((group) =>
    (group.items ?? []).map((item) => {
      const writes = fields[`${JUDGED}.${item.id}`] ?? []
      return { group, item, said: writes.filter((one) => one.value !== null) }
    }),
  )
  const answered = rows.filter((row) => row.said.length > 0)
  const open = rows.filter((row) => row.said.length === 0)
  const by = (one: WrittenRow) =>
    [who(one.by), clockTime(one.at_ms), one.reason && `${t('print.reason')} ${one.reason}`]
      .filter(Boolean)
      .join(' ')
  return (
    <Section title={say(sheet.about.title)}>
      {answered.length === 0 ? (
        <None />
      ) : (
        <table className="pr-table" data-testid="judgements">
          <tbody>
            {answered.map(({ group, item, said }) => (
              <tr key={item.id}>
                <th>{say(group)}</th>
                <td>{say(item)}</td>
                <td>
                  {said.length > 1 && <b className="pr-conflict">{t('print.conflict')} </b>}
                  <b>{said.map((one) => valueText(item, one.value)).join(' / ')}</b>
                </td>
                <td>{said.map(by).join(' / ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {open.length > 0 && (
        <p className="pr-small" data-testid="not-judged">
          {t('print.not_judged', { n: open.length, of: rows.length })}{' '}
          {answered.length > 0 && open.map(({ item }) => say(item)).join(t('ui.comma'))}
        </p>
      )}
    </Section>
  )
}
