/** The task: where, what, whom to call, and what the caller has answered so far. */
import type { CallRow, IncidentRow, MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useEffect, useRef, useState } from 'react'
import { useLexicon } from '../care/content.tsx'
import { WarnMark } from '../care/marks.tsx'
import { spanText } from '../dispatch/standby.tsx'
import { othersText } from '../dispatch/words.ts'
import { Caller } from './caller.tsx'
import { fieldOf } from './fields.ts'

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
  onNumber: () => void
}

export function TaskCard({ mission, incident, calls, onNumber }: Props) {
  const lexicon = useLexicon()
  const answers = incident ? lexicon.answers(incident) : []
  return (
    <section className="panel crew-task" data-testid="task-card">
      <header>
        <h2>
          {t('crew.task')} <small className="mu">{mission.incident_number}</small>
        </h2>
        <Caller mission={mission} calls={calls} onNeeded={onNumber} />
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
            {incident.wanted && incident.wanted.others.length > 0 && (
              <div className="crew-flags" data-testid="crew-others">
                <WarnMark />
                <span>{othersText(incident.wanted)}</span>
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
