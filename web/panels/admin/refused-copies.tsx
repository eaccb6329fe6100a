/** What another node told of its streams and this one could not keep (ADR 0026). */
import { type Refusal, type RefusedCopy, request } from '@gh/contract'
import { dayTime, t, tOr } from '@gh/i18n'
import { Button, Empty, ErrorNote, Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { useGet } from '../care/query.ts'
import { asRefusal } from './person-dialog.tsx'

type Deed = 'again' | 'dismiss' | 'take-back'

export function RefusedCopies() {
  const found = useGet<RefusedCopy[]>('/api/nodes/refused', { every_ms: 10_000 })
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const say = async (deed: Deed, { node, stream }: RefusedCopy) => {
    setRefusal(null)
    try {
      await request('POST', `/api/nodes/refused/${deed}`, { node, stream })
    } catch (caught) {
      setRefusal(asRefusal(caught))
    }
    await found.refetch()
  }
  return (
    <section className="gh-panel" data-testid="refused-copies">
      <div className="gh-ph">
        <h2>{t('refused_copy.title')}</h2>
        <span className="gh-sp" />
        <Refused refusal={refusal} />
      </div>
      <div className="gh-pb">
        {found.isPending ? (
          <Skeleton rows={6} />
        ) : found.isError ? (
          <ErrorNote
            what={t('refused_copy.failed')}
            works={t('admin.others_work')}
            retry={() => void found.refetch()}
          />
        ) : found.data.length === 0 ? (
          <Empty title={t('refused_copy.none')} hint={t('refused_copy.none_hint')} />
        ) : (
          <RefusedTable rows={found.data} onDeed={(deed, one) => void say(deed, one)} />
        )}
      </div>
    </section>
  )
}

interface TableProps {
  rows: readonly RefusedCopy[]
  onDeed: (deed: Deed, one: RefusedCopy) => void
}

export function RefusedTable({ rows, onDeed }: TableProps) {
  const sorted = [...rows].sort(
    (a, b) => Number(a.dismissed_ms !== null) - Number(b.dismissed_ms !== null),
  )
  return (
    <>
      <p className="gh-m">{t('refused_copy.hint')}</p>
      <table className="gh-table">
        <thead>
          <tr>
            <th>{t('refused_copy.node')}</th>
            <th>{t('refused_copy.what')}</th>
            <th>{t('refused_copy.why')}</th>
            <th>{t('refused_copy.first')}</th>
            <th>{t('refused_copy.last')}</th>
            <th>{t('refused_copy.times')}</th>
            <th aria-label={t('admin.actions')} />
          </tr>
        </thead>
        <tbody>
          {sorted.map((one) => (
            <tr
              key={`${one.node} ${one.stream}`}
              className={one.dismissed_ms === null ? undefined : 'gh-m'}
              data-testid={`refused-${one.stream}`}
            >
              <td>
                <b>{one.node}</b>
              </td>
              <td>
                {tOr(`refused_copy.topic.${one.stream.split(':')[0]}`, one.stream)}{' '}
                <span className="gh-m gh-s">
                  {one.stream.slice(one.stream.indexOf(':') + 1)} @{one.version}
                </span>
              </td>
              <td>{tOr(`refused_copy.reason.${one.reason}`, one.reason)}</td>
              <td>{dayTime(one.first_ms)}</td>
              <td>{dayTime(one.last_ms)}</td>
              <td className="num">{one.times}</td>
              <td>
                {one.dismissed_ms === null ? (
                  <span className="gh-row">
                    <Button
                      look="primary"
                      onClick={() => onDeed('again', one)}
                      data-testid={`again-${one.stream}`}
                    >
                      {t('refused_copy.again')}
                    </Button>
                    <Button
                      onClick={() => onDeed('dismiss', one)}
                      data-testid={`dismiss-${one.stream}`}
                    >
                      {t('refused_copy.dismiss')}
                    </Button>
                  </span>
                ) : (
                  <span className="gh-row">
                    {t('refused_copy.dismissed', {
                      who: one.dismissed_by,
                      time: dayTime(one.dismissed_ms),
                    })}
                    <Button onClick={() => onDeed('take-back', one)}>
                      {t('refused_copy.take_back')}
                    </Button>
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
