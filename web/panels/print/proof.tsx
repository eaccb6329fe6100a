/** Who took the patient over, what was changed and why, and who answers for the record. */
import type { WholeRecord } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { clockTime, dayTime } from '../care/format.ts'
import { endedReason } from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { valueText } from '../record/words.ts'
import { None, type PartProps, Section } from './paper.tsx'
import { useWriter } from './writer.ts'

export function Handovers({ whole }: { whole: WholeRecord }) {
  return (
    <Section title={t('print.handovers')}>
      {whole.handovers.length === 0 && <None />}
      {whole.handovers.map((row) => (
        <p key={row.id}>
          {dayTime(row.sent_ms)} {tOr(`state.${row.state}`, row.state)} {row.acknowledged_name}{' '}
          {row.bay} {endedReason(row.reason)} {row.summary ?? ''}
          {Object.entries(row.signatures).map(([side, signed]) => (
            <b key={side}>
              {' '}
              {t('print.handed_by', {
                side: t(`print.side.${side}`),
                name: signed.name,
                time: clockTime(signed.at_ms),
              })}
            </b>
          ))}
        </p>
      ))}
    </Section>
  )
}

export function Corrections({ whole, content }: PartProps) {
  const who = useWriter(whole)
  const fields = [
    ...content.record.sections.flatMap((section) => section.fields),
    ...content.sheets.flatMap((sheet) =>
      sheet.sections.flatMap((one) =>
        (one.items ?? []).map((item) => ({ ...item, id: `${sheet.about.id}.${item.id}` })),
      ),
    ),
  ]
  return (
    <Section title={t('print.corrections')}>
      {whole.replaced.length === 0 ? (
        <None />
      ) : (
        <table className="pr-table" data-testid="corrections">
          <thead>
            <tr>
              <th>{t('print.field')}</th>
              <th>{t('print.before')}</th>
              <th>{t('print.corrected_by')}</th>
              <th>{t('print.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {whole.replaced.map((row) => {
              const field = fields.find((one) => one.id === row.item)
              const was = row.personal
                ? (row.was_text ?? t('care.erased'))
                : field === undefined
                  ? tOr(`sex.${row.was}`, String(row.was))
                  : valueText(field, row.was) || t('print.emptied')
              return (
                <tr key={`${row.item}${row.at_ms}${row.was_ms}`}>
                  <td>{say(field) || t(`print.demographic.${row.item}`)}</td>
                  <td>
                    <s>{was}</s> {who(row.was_by)} {clockTime(row.was_ms)}
                  </td>
                  <td>
                    {who(row.by)} {dayTime(row.at_ms)}
                  </td>
                  <td>{row.reason || '--'}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </Section>
  )
}

export function Signatures({ whole, content }: PartProps) {
  const { signed_by, signed_ms, missing } = whole.patient.record
  const fields = content.record.sections.flatMap((section) => section.fields)
  const titles = missing.map((id) =>
    id.startsWith('form.')
      ? say(content.record.forms.find((form) => `form.${form.id}` === id)?.title)
      : say(fields.find((field) => field.id === id)),
  )
  return (
    <Section title={t('print.signatures')}>
      {signed_ms === null ? (
        <p className="pr-warn">
          {t('print.not_signed')}
          {titles.length > 0 && ` · ${t('print.still_missing')} ${titles.join(t('ui.comma'))}`}
        </p>
      ) : (
        <p data-testid="signed">
          {t('print.signed_by')} <b>{signed_by}</b> {dayTime(signed_ms)}
        </p>
      )}
      <div className="pr-lines">
        {['physician', 'nurse', 'receiver'].map((who) => (
          <span key={who}>{t(`print.${who}`)}</span>
        ))}
      </div>
    </Section>
  )
}
