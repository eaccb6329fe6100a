/** How a unit's week came about: who planned, changed and withdrew what, when and why. */
import { query, type RosterEntryRow, type UnitWeekRow } from '@gh/contract'
import { dayTime, t } from '@gh/i18n'
import { Dialog, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { dayOf } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { memberText, spanText } from './model.ts'

interface Props {
  row: UnitWeekRow
  from_ms: number
  onClose: () => void
}

export function RosterHistory({ row, from_ms, onClose }: Props) {
  const told = useGet<RosterEntryRow[]>(query('/api/roster/history', { roster: row.roster_id }))
  return (
    <Dialog
      title={t('roster.history_of', { unit: row.call_sign, day: dayOf(from_ms) })}
      onClose={onClose}
      testid="history-dialog"
    >
      {told.isPending ? (
        <Skeleton rows={6} />
      ) : told.isError ? (
        <ErrorNote what={t('roster.history_failed')} retry={() => void told.refetch()} />
      ) : told.data.length === 0 ? (
        <Empty title={t('roster.history_none')} />
      ) : (
        <ol className="ro-told">
          {told.data.map(({ entry, name }) => (
            <li key={`${entry.at_ms} ${entry.kind} ${entry.shift_id}`} data-kind={entry.kind}>
              <span className="num gh-m">{dayTime(entry.at_ms)}</span>
              <span>{name || entry.by}</span>
              <b>{t(`log.${entry.kind}`)}</b>
              <span>
                {entry.from_ms !== null && entry.to_ms !== null && (
                  <span className="num">{spanText(entry.from_ms, entry.to_ms)} </span>
                )}
                {entry.duty !== null && `${t(`roster.duty.${entry.duty}`)} `}
                {entry.crew
                  .map((one) => `${t(`roster.function.${one.function}`)} ${memberText(one)}`)
                  .join(t('ui.comma'))}
                {entry.reason !== '' && (
                  <i className="gh-m">
                    {' '}
                    {t('roster.reason')} {entry.reason}
                  </i>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  )
}
