/** What waits for the crew's word: a level to confirm. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useNow, useSend } from '@gh/live'
import { Refused, TriageBadge } from '@gh/ui'
import { levelRank } from '../care/inbound.ts'
import { scoreNow } from '../care/outdated.ts'
import { isAtLeast, levelMissing, levelReason } from '../care/words.ts'

/** The score proposes a level that nobody has confirmed, or a worse one than was confirmed. */
export function LevelNotice({ patient, onOpen }: { patient: PatientRow; onOpen: () => void }) {
  const { send, busy, refusal } = useSend()
  const content = useContent()
  const score = scoreNow(patient, useNow())
  const proposed = score?.level ?? ''
  const wanted =
    proposed !== '' && (patient.level === '' || levelRank(proposed) < levelRank(patient.level))
  if (!wanted) return null
  return (
    <section className="panel crew-level-notice" data-testid="level-notice">
      <div>
        <b>
          {t(patient.level === '' ? 'crew.level_proposed' : 'crew.level_worse')}{' '}
          {isAtLeast(score) && t('record.at_least')}{' '}
          <TriageBadge level={proposed} words size="large" />
        </b>
        <span className="mu">
          {[...new Set(score?.level_reasons.map((one) => levelReason(one, content)))].join(' · ')}
        </span>
        {isAtLeast(score) && (
          <span className="un gh-ell" data-testid="level-missing">
            {t('care.level_missing', { what: levelMissing(score, content) })}
          </span>
        )}
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
