/** A geofence proposes a node and says how sure it is; the crew confirms it. "Not yet" hides it until
 * it is proposed anew, as a surer one is. */
import type { MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { findProposal, isUnsure, milestone, sureness } from '../care/words.ts'
import { whoSays } from './model.ts'

export function Proposals({ mission }: { mission: MissionRow }) {
  const [hidden, setHidden] = useState<readonly string[]>([])
  const session = useSession()
  const { send, busy, refusal } = useSend()
  const set = new Set(mission.nodes.map((n) => n.milestone))
  const name = (m: string) => `${mission.id}:${m}:${findProposal(mission, m)?.confidence ?? ''}`
  const open = [...new Set(mission.proposed)].filter(
    (m) => !set.has(m) && !hidden.includes(name(m)),
  )
  const first = open[0]
  if (first === undefined || mission.state === 'assigned') return null
  const sure = sureness(mission, first)
  const unsure = isUnsure(mission, first)
  return (
    <section className="crew-proposal" role="status" data-testid="proposal">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle
          cx="12"
          cy="12"
          r="9"
          fill="none"
          stroke="var(--al2)"
          strokeWidth="2"
          strokeDasharray="4 3"
        />
        <circle cx="12" cy="12" r="3.5" fill="var(--al2)" />
      </svg>
      <div>
        <b>{t('crew.proposed', { milestone: milestone(first) })}</b>
        <span data-testid="proposal-sure">
          {sure === '' ? t('crew.proposed_by_place') : t('crew.proposed_sure', { sure })}
        </span>
        <Refused refusal={refusal} />
      </div>
      <button
        type="button"
        className="tap"
        onClick={() => setHidden([...hidden, name(first)])}
        data-testid="proposal-not-yet"
      >
        {t('crew.not_yet')}
      </button>
      <button
        type="button"
        className={unsure ? 'tap' : 'tap primary'}
        disabled={busy}
        onClick={() =>
          void send({
            kind: 'mission.reach',
            mission_id: mission.id,
            milestone: first,
            source: whoSays(session),
          })
        }
        data-testid="proposal-confirm"
      >
        {t('crew.confirm')}
      </button>
    </section>
  )
}
