/** A geofence proposes a node, the crew confirms it. "Not yet" hides it until it is proposed anew. */
import type { MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { milestone } from '../care/words.ts'
import { whoSays } from './model.ts'

export function Proposals({ mission }: { mission: MissionRow }) {
  const [hidden, setHidden] = useState<readonly string[]>([])
  const session = useSession()
  const { send, busy, refusal } = useSend()
  const set = new Set(mission.nodes.map((n) => n.milestone))
  const open = [...new Set(mission.proposed)].filter(
    (m) => !set.has(m) && !hidden.includes(`${mission.id}:${m}`),
  )
  const first = open[0]
  if (first === undefined || mission.state === 'assigned') return null
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
        <span>{t('crew.proposed_by_place')}</span>
        <Refused refusal={refusal} />
      </div>
      <button
        type="button"
        className="tap"
        onClick={() => setHidden([...hidden, `${mission.id}:${first}`])}
        data-testid="proposal-not-yet"
      >
        {t('crew.not_yet')}
      </button>
      <button
        type="button"
        className="tap primary"
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
