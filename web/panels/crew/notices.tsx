/** What waits for the crew's word: a level to confirm, and alerts about this run. */
import type { AlertRow, MissionRow, PatientRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useNow, useSend } from '@gh/live'
import { Refused, TriageBadge } from '@gh/ui'
import { span } from '../care/format.ts'
import { levelRank } from '../care/inbound.ts'
import { WarnMark } from '../care/marks.tsx'
import { levelReason } from '../care/words.ts'

/** The score proposes a level that nobody has confirmed, or a worse one than was confirmed. */
export function LevelNotice({ patient, onOpen }: { patient: PatientRow; onOpen: () => void }) {
  const { send, busy, refusal } = useSend()
  const proposed = patient.score?.level ?? ''
  const wanted =
    proposed !== '' && (patient.level === '' || levelRank(proposed) < levelRank(patient.level))
  if (!wanted) return null
  return (
    <section className="panel crew-level-notice" data-testid="level-notice">
      <div>
        <b>
          {t(patient.level === '' ? 'crew.level_proposed' : 'crew.level_worse')}{' '}
          <TriageBadge level={proposed} words size="large" />
        </b>
        <span className="mu">
          {[...new Set(patient.score?.level_reasons.map(levelReason))].join(' · ')}
          {patient.score?.complete === false &&
            patient.score.news2_missing.length > 0 &&
            ` ${t('crew.missing_n', { n: patient.score.news2_missing.length })}`}
        </span>
        <Refused refusal={refusal} />
      </div>
      <button type="button" className="tap" onClick={onOpen} data-testid="level-other">
        {t('crew.other_level')}
      </button>
      <button
        type="button"
        className="tap primary"
        disabled={busy}
        onClick={() =>
          void send({
            kind: 'patient.confirm_level',
            patient_id: patient.id,
            level: proposed as 'I' | 'II' | 'III' | 'IV',
          })
        }
        data-testid="level-accept"
      >
        {t('crew.confirm')}
      </button>
    </section>
  )
}

export function CrewAlerts({
  alerts,
  mission,
}: {
  alerts: readonly AlertRow[]
  mission: MissionRow
}) {
  const now = useNow()
  const open = alerts
    .filter(
      (a) =>
        a.state !== 'resolved' &&
        a.priority <= 2 &&
        a.incident_id === mission.incident_id &&
        a.code !== 'set_aside', // NotTakenBar says it
    )
    .sort((a, b) => a.priority - b.priority || a.raised_ms - b.raised_ms)
  const first = open[0]
  if (first === undefined) return null
  return (
    <section className="crew-alerts" role="status" data-testid="crew-alerts">
      <WarnMark />
      <b>{tOr(`alert.${first.code}`, first.code, first.details)}</b>
      <span className="num">{span((now - first.raised_ms) / 1000)}</span>
      {open.length > 1 && <span>{t('crew.more_alerts', { n: open.length - 1 })}</span>}
    </section>
  )
}
