/** Our record against WS 542, as the centre's table has it: what is mapped, and what nobody has confirmed. */
import type { PlaceTableAnswer } from '@gh/contract'
import { t } from '@gh/i18n'
import { ErrorNote, Panel, Skeleton } from '@gh/ui'
import { useGet } from '../care/query.ts'
import { say } from '../dispatch/words.ts'

export function Ws542() {
  const table = useGet<PlaceTableAnswer>('/api/ws542')
  if (table.isError)
    return (
      <Panel title={t('review.ws542')}>
        <ErrorNote
          what={t('review.ws542_failed')}
          works={t('review.list_works')}
          retry={() => void table.refetch()}
        />
      </Panel>
    )
  if (table.isPending)
    return (
      <Panel title={t('review.ws542')}>
        <Skeleton rows={14} />
      </Panel>
    )
  const { rows } = table.data
  const mapped = rows.filter((row) => row.element !== '').length
  return (
    <Panel
      title={`${say(table.data)} · ${t('review.ws542_mapped', { n: mapped, all: rows.length })}`}
      extra={<span className="gh-m gh-s">{t('review.ws542_hint')}</span>}
      testid="ws542"
    >
      <table className="rv-table">
        <thead>
          <tr>
            <th>{t('review.col_ours')}</th>
            <th>{t('review.col_element')}</th>
            <th>{t('review.col_element_name')}</th>
            <th>{t('review.col_note')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.place}>
              <td>
                {row.zh} <span className="gh-m gh-s">{row.place}</span>
              </td>
              <td className="num">{row.element || '--'}</td>
              <td>{row.name || '--'}</td>
              <td className="gh-m">{row.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}
