/** A new task takes the whole screen and sounds until somebody takes it. */
import type { CallRow, IncidentRow, MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow, useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { LevelBadge, Refused, useAudioReady, useTone } from '@gh/ui'
import { useCallback, useState } from 'react'
import { useLexicon } from '../care/content.tsx'
import { clockTime, span } from '../care/format.ts'
import { WarnMark } from '../care/marks.tsx'
import { callerOf } from './caller.ts'
import { Caller, NumberSheet } from './caller.tsx'
import { EndedButton, EndedSheet } from './ended.tsx'
import { fieldOf } from './fields.ts'
import { whoSays } from './model.ts'

interface Props {
  mission: MissionRow
  incident: IncidentRow | undefined
  calls: readonly CallRow[]
}

export function NewTask({ mission, incident, calls }: Props) {
  const now = useNow()
  const lexicon = useLexicon()
  const session = useSession()
  const { send, busy, refusal } = useSend()
  const [sheet, setSheet] = useState<'' | 'ended' | 'number'>('')
  const close = useCallback(() => setSheet(''), [])
  useTone('task', true)
  const silent = !useAudioReady()
  const age_s = (now - mission.since_ms) / 1000
  const late = mission.limit_s !== null && age_s > mission.limit_s
  const { number: phone } = callerOf(calls)
  const answers = incident ? lexicon.answers(incident) : []
  return (
    <section
      className="crew-new"
      role="alertdialog"
      aria-label={t('crew.new_task')}
      data-testid="new-task"
    >
      <header>
        {mission.level !== '' && <LevelBadge level={mission.level} size="huge" />}
        <h1>{incident ? lexicon.about(incident) : t('crew.new_task')}</h1>
        <span className="mu">{mission.incident_number}</span>
        <div className={late ? 'crew-new-age late' : 'crew-new-age'}>
          <b>{span(age_s)}</b>
          <small>
            {mission.limit_s === null
              ? t('crew.assigned_at', { time: clockTime(mission.since_ms) })
              : t('crew.limit', { limit: span(mission.limit_s) })}
          </small>
        </div>
      </header>
      <div className="crew-new-body">
        <dl>
          <dt>{t('crew.address')}</dt>
          <dd className="big">{incident?.location?.label || t('crew.address_unknown')}</dd>
          {fieldOf(calls, 'meeting_point') && (
            <>
              <dt>{t('crew.meeting_point')}</dt>
              <dd className="mid">{fieldOf(calls, 'meeting_point')}</dd>
            </>
          )}
          {phone && (
            <>
              <dt>{t('crew.callback')}</dt>
              <dd>
                <Caller mission={mission} calls={calls} onNeeded={() => setSheet('number')} />
              </dd>
            </>
          )}
          {fieldOf(calls, 'what') && (
            <>
              <dt>{t('crew.what')}</dt>
              <dd>{fieldOf(calls, 'what')}</dd>
            </>
          )}
          {fieldOf(calls, 'note') && (
            <>
              <dt>{t('crew.note')}</dt>
              <dd>{fieldOf(calls, 'note')}</dd>
            </>
          )}
        </dl>
        <div className="crew-new-side">
          {incident && incident.flags.length > 0 && (
            <div className="crew-flags">
              <WarnMark />
              <span>{incident.flags.map(lexicon.flag).join(' · ')}</span>
            </div>
          )}
          <ul>
            {answers.map((a) => (
              <li key={a.id}>
                <span>{a.question}</span>
                <b className={a.unknown ? 'un' : undefined}>{a.answer}</b>
              </li>
            ))}
          </ul>
          {answers.length === 0 && <p className="mu">{t('crew.no_answers')}</p>}
        </div>
        {sheet === 'ended' && <EndedSheet unitId={mission.unit_id} onClose={close} />}
      </div>
      <footer>
        <div>
          {silent && (
            <p className="un">
              <WarnMark />
              {t('crew.sound_blocked')}
            </p>
          )}
          <Refused refusal={refusal} />
          <EndedButton unitId={mission.unit_id} onOpen={() => setSheet('ended')} />
        </div>
        <button
          type="button"
          className="crew-accept"
          disabled={busy}
          onClick={() =>
            void send({
              kind: 'mission.reach',
              mission_id: mission.id,
              milestone: 'acknowledged',
              source: whoSays(session),
            })
          }
          data-testid="accept"
        >
          {busy ? t('crew.sending') : t('crew.accept')}
        </button>
      </footer>
      {sheet === 'number' && <NumberSheet mission={mission} onClose={close} />}
    </section>
  )
}
