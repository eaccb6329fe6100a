/** Each patient's record against the elements of NEMSIS 3.5.1: how many that must be filled are. */
import type { Completeness as Checked, LogRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSession } from '@gh/session'
import { Button, ErrorNote, Panel, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { useGet } from '../care/query.ts'

const HEAD = 'patient:'
const MUST = new Set(['mandatory', 'required'])

export function Completeness({ events }: { events: readonly LogRow[] }) {
  const session = useSession()
  if (session?.role !== 'quality' && session?.role !== 'supervisor') return null
  const patients = new Set(events.map((e) => e.stream).filter((stream) => stream.startsWith(HEAD)))
  return [...patients].map((stream, place) => (
    <OfPatient key={stream} patientId={stream.slice(HEAD.length)} n={place + 1} />
  ))
}

function OfPatient({ patientId, n }: { patientId: string; n: number }) {
  const session = useSession()
  const [list, setList] = useState<'' | 'open' | 'all'>('')
  const path = `/api/patients/${encodeURIComponent(patientId)}`
  const found = useGet<Checked>(`${path}/completeness`)
  const title = t('review.nemsis_patient', { n })
  if (found.isPending)
    return (
      <Panel title={title}>
        <Skeleton rows={3} />
      </Panel>
    )
  if (found.isError)
    return (
      <Panel title={title}>
        <ErrorNote
          what={t('review.nemsis_failed')}
          works={t('review.list_works')}
          retry={() => void found.refetch()}
        />
      </Panel>
    )
  const { filled, counted, rows } = found.data
  const open = rows.filter((row) => MUST.has(row.usage) && row.found === 'empty')
  const shown = list === 'all' ? rows : open
  return (
    <Panel
      title={`${title} · ${t('review.nemsis', { filled, counted })}`}
      extra={<span className="gh-m gh-s">{t('review.nemsis_hint')}</span>}
      testid="completeness"
    >
      <p className="rv-deeds gh-noprint">
        <Button
          on={list === 'open'}
          onClick={() => setList(list === 'open' ? '' : 'open')}
          data-testid="nemsis-open"
        >
          {t('review.nemsis_show.open')} {open.length}
        </Button>
        <Button
          on={list === 'all'}
          onClick={() => setList(list === 'all' ? '' : 'all')}
          data-testid="nemsis-all"
        >
          {t('review.nemsis_show.all')} {rows.length}
        </Button>
        <a className="gh-btn" href={`/record/${patientId}`} data-testid="record-print">
          {t('review.record_print')}
        </a>
        {session?.role === 'quality' && (
          <>
            <a className="gh-btn" href={`${path}/record.fhir.json`} download>
              {t('print.fhir')}
            </a>
            <a className="gh-btn" href={`${path}/record.ws542.csv`} download>
              {t('review.ws542_csv')}
            </a>
          </>
        )}
      </p>
      {list === '' ? null : shown.length === 0 ? (
        <p className="ok">✓ {t('review.nemsis_all_filled')}</p>
      ) : (
        <table className="rv-table">
          <tbody>
            {shown.map((row) => (
              <tr key={row.id}>
                <td className="num">{row.id}</td>
                <td>{row.zh}</td>
                <td className="gh-m">{t(`review.usage.${row.usage}`)}</td>
                <td>
                  {row.found === 'filled' ? (
                    <b className="ok">✓ {t('review.found.filled')}</b>
                  ) : row.found === 'empty' ? (
                    <b className="un">▲ {t('review.found.empty')}</b>
                  ) : (
                    <span className="gh-m">{t(`review.found.${row.found}`)}</span>
                  )}
                </td>
                <td className="gh-m">{row.reason || row.held.join(' ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
