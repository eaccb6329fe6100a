import { type Duplicate, get, query } from '@gh/contract'
import { getLang, metres, t } from '@gh/i18n'
import { useContent, useSend } from '@gh/live'
import { Button, Refused } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useDesk } from './desk.tsx'
import { topicOf } from './model.ts'

const AGAIN_MS = 10_000

/** Open cases near in place and time: this may be their second caller. */
export function Duplicates() {
  const desk = useDesk()
  const { incident, call } = desk
  const content = useContent()
  const { send, busy, refusal, dismiss } = useSend()
  const found = useQuery({
    queryKey: ['duplicates', incident?.id, incident?.located_ms],
    queryFn: () => get<Duplicate[]>(query('/api/duplicates', { incident_id: incident?.id ?? '' })),
    enabled: incident?.state === 'open' && incident.location !== null,
    refetchInterval: AGAIN_MS,
  })
  const others = (found.data ?? []).filter((other) => other.incident_id !== incident?.id)
  if (others.length === 0) return null
  // A call that already opened its own case stays with it; the case is then closed as a duplicate.
  const free = call !== undefined && call.incident_id === ''
  return (
    <ul className="dups" data-testid="duplicates">
      {others.slice(0, 2).map((other) => {
        const topic = content.data ? topicOf(content.data, other.topic) : undefined
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
                onClick={() =>
                  void send({
                    kind: 'incident.join_call',
                    incident_id: other.incident_id,
                    call_id: call.id,
                  }).then((done) => done && desk.openCase(other.incident_id))
                }
                data-testid="join"
              >
                {t('duplicate.join')}
              </Button>
            ) : null}
          </li>
        )
      })}
      <Refused refusal={refusal} dismiss={dismiss} />
    </ul>
  )
}
