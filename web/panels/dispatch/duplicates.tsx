import { type CallRow, type Duplicate, get, type IncidentRow, query } from '@gh/contract'
import { getLang, metres, t } from '@gh/i18n'
import { useContent, useSend, useTable } from '@gh/live'
import { Button, Dialog, Elapsed, Empty, LevelBadge, Refused } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isOpenHere } from './copy-note.tsx'
import { useDesk } from './desk.tsx'
import { topicOf } from './model.ts'
import { topicText } from './words.ts'

const AGAIN_MS = 10_000

/** Open cases near in place and time: this may be their second caller. */
export function Duplicates() {
  const desk = useDesk()
  const { incident, call } = desk
  const content = useContent()
  const { send, busy, refusal, dismiss } = useSend()
  const [choosing, setChoosing] = useState(false)
  const open = useTable('incidents').filter(isOpenHere)
  // A call that already opened its own case stays with it; the case is then closed as a duplicate.
  const free = call?.incident_id === '' && incident === undefined ? call : undefined
  const asked = free ? { call_id: free.id } : { incident_id: incident?.id ?? '' }
  const found = useQuery({
    queryKey: ['duplicates', asked, incident?.located_ms],
    queryFn: () => get<Duplicate[]>(query('/api/duplicates', asked)),
    enabled: free
      ? free.location !== null
      : incident !== undefined && isOpenHere(incident) && incident.location !== null,
    refetchInterval: AGAIN_MS,
  })
  const others = (found.data ?? []).filter((other) => other.incident_id !== incident?.id)
  const join = async (incident_id: string, call_id: string): Promise<void> => {
    if (await send({ kind: 'incident.join_call', incident_id, call_id })) desk.openCase(incident_id)
  }
  if (others.length === 0 && (free === undefined || open.length === 0)) return null
  return (
    <ul className="dups" data-testid="duplicates">
      {others.slice(0, 2).map((other) => {
        const topic = content ? topicOf(content, other.topic) : undefined
        return (
          <li key={other.incident_id}>
            <span className="gh-tag warn">{t('duplicate.maybe')}</span>
            <span className="gh-ell">
              <b>{other.number.slice(-4)}</b> {topic?.[getLang() === 'en' ? 'en' : 'zh'] ?? ''} ·{' '}
              {metres(other.distance_m)} ·{' '}
              {t('duplicate.minutes', { n: Math.round(other.minutes) })} · {other.label}
            </span>
            <Button onClick={() => desk.openCase(other.incident_id)}>{t('duplicate.look')}</Button>
            {free ? (
              <Button
                busy={busy}
                onClick={() => void join(other.incident_id, free.id)}
                data-testid="join"
              >
                {t('duplicate.join')}
              </Button>
            ) : null}
          </li>
        )
      })}
      {free ? (
        <li>
          <Button onClick={() => setChoosing(true)} data-testid="join-other">
            {t('duplicate.join_other')}
          </Button>
        </li>
      ) : null}
      <Refused refusal={refusal} dismiss={dismiss} />
      {choosing && free ? (
        <JoinDialog call={free} cases={open} onClose={() => setChoosing(false)} />
      ) : null}
    </ul>
  )
}

/** The caller says which case it is about; no place of the call is needed. */
function JoinDialog({
  call,
  cases,
  onClose,
}: {
  call: CallRow
  cases: readonly IncidentRow[]
  onClose: () => void
}) {
  const desk = useDesk()
  const content = useContent()
  const { send, busy, refusal } = useSend()
  const newest = [...cases].sort((a, b) => b.opened_ms - a.opened_ms)
  return (
    <Dialog
      title={t('duplicate.join_title', { number: call.number ?? '' })}
      onClose={onClose}
      testid="join-dialog"
      footer={refusal ? <Refused refusal={refusal} /> : undefined}
    >
      <p className="gh-m">{t('duplicate.join_hint')}</p>
      {newest.length === 0 ? <Empty title={t('duplicate.join_none')} /> : null}
      <ul className="rows">
        {newest.map((incident) => (
          <li key={incident.id} className="gh-row">
            <LevelBadge level={incident.level} />
            <b>{incident.number}</b>
            <span className="gh-ell">
              {topicText(content, incident.topic)} {incident.location?.label}
            </span>
            <span className="gh-sp" />
            <Elapsed since_ms={incident.opened_ms} />
            <Button
              busy={busy}
              onClick={() =>
                void send({
                  kind: 'incident.join_call',
                  incident_id: incident.id,
                  call_id: call.id,
                }).then((done) => {
                  if (done === null) return
                  onClose()
                  desk.openCase(incident.id)
                })
              }
              data-testid={`join-${incident.number}`}
            >
              {t('duplicate.join')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
