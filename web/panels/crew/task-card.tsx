/** The task: where, what, whom to call, and what the caller has answered so far. */
import type { CallRow, IncidentRow, MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useEffect, useRef, useState } from 'react'
import { useLexicon } from '../care/content.tsx'
import { WarnMark } from '../care/marks.tsx'
import { spanText } from '../dispatch/standby.tsx'

/** The newest non-empty word of any call of the case. */
export function fieldOf(calls: readonly CallRow[], field: string): string {
  for (const call of [...calls].sort((a, b) => b.rang_ms - a.rang_ms)) {
    const value = call.fields[field]
    if (value) return value
  }
  return ''
}

/** True for some seconds after a text has changed, so that an update is seen. */
function useFresh(text: string): boolean {
  const before = useRef(text)
  const [fresh, setFresh] = useState(false)
  useEffect(() => {
    if (before.current === text) return
    const was = before.current
    before.current = text
    if (was === '') return
    setFresh(true)
    const timer = window.setTimeout(() => setFresh(false), 20_000)
    return () => window.clearTimeout(timer)
  }, [text])
  return fresh
}

function Line({ label, text, big }: { label: string; text: string; big?: boolean }) {
  const fresh = useFresh(text)
  if (text === '') return null
  return (
    <div className={fresh ? 'crew-line fresh' : 'crew-line'}>
      <span>
        {label}
        {fresh && <em>{t('crew.updated')}</em>}
      </span>
      <b className={big ? 'big' : undefined}>{text}</b>
    </div>
  )
}

interface Props {
  mission: MissionRow
  incident: IncidentRow | undefined
  calls: readonly CallRow[]
}

export function TaskCard({ mission, incident, calls }: Props) {
  const lexicon = useLexicon()
  const phone = fieldOf(calls, 'callback') || calls.find((c) => c.number)?.number || ''
  const answers = incident ? lexicon.answers(incident) : []
  return (
    <section className="panel crew-task" data-testid="task-card">
      <header>
        <h2>
          {t('crew.task')} <small className="mu">{mission.incident_number}</small>
        </h2>
        {phone && (
          <a
            className="tap crew-call"
            href={`tel:${phone.replace(/[^\d+]/g, '')}`}
            data-testid="callback"
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path
                d="M3.2 1.5 5.6 1l1.6 3.6-1.6 1.4c.7 1.8 2.2 3.3 4 4l1.400-1.600L14.600 10l-.5 2.400c-.2 1-1 1.600-2 1.600C6.600 13.600 2 9 1.600 3.500c0-1 .6-1.800 1.600-2z"
                fill="currentColor"
              />
            </svg>
            <b className="num">{phone}</b>
          </a>
        )}
      </header>
      <div className="crew-task-body">
        {incident === undefined ? (
          <p className="mu">{t('crew.case_loading')}</p>
        ) : (
          <>
            <Line
              label={t('crew.address')}
              text={incident.location?.label || t('crew.address_unknown')}
              big
            />
            <Line label={t('crew.meeting_point')} text={fieldOf(calls, 'meeting_point')} />
            {incident.flags.length > 0 && (
              <div className="crew-flags">
                <WarnMark />
                <span>{incident.flags.map(lexicon.flag).join(' · ')}</span>
              </div>
            )}
            <Line label={t('crew.what')} text={fieldOf(calls, 'what') || lexicon.about(incident)} />
            <Line label={t('crew.note')} text={fieldOf(calls, 'note')} />
            {incident.standby ? (
              <Line label={t('standby.when')} text={spanText(incident)} />
            ) : answers.length === 0 ? (
              <p className="mu">{t('crew.no_answers')}</p>
            ) : (
              <ul className="crew-answers">
                {answers.map((a) => (
                  <li key={a.id} className={a.question.length > 12 ? 'wide' : undefined}>
                    <span>{a.question}</span>
                    <b className={a.unknown ? 'un' : undefined}>{a.answer}</b>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </div>
    </section>
  )
}
