/** Units of other nodes: asked for, and what came of it. Only the run's own event says "sent". */
import type { Ask, IncidentRow, MissionRow, UnitRow } from '@gh/contract'
import { clockTime, duration, t, tOr } from '@gh/i18n'
import { useNow, useSend, uuid7 } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Refused } from '@gh/ui'
import { useState } from 'react'
import { shortNumber } from './board-parts.tsx'
import { ReasonDialog } from './case-dialogs.tsx'
import { isOpenHere } from './copy-note.tsx'
import { useDesk } from './desk.tsx'

const SHOWN = 2

export const waits = (ask: Ask): boolean => ask.outcome === null && ask.linked_ms === null

/** How an ask stands, in words; a refusal with its reason. */
export function askText(ask: Ask, now_ms: number): string {
  const names = { unit: ask.call_sign, node: ask.node }
  if (waits(ask)) {
    const left = duration(Math.max(0, ask.due_ms - now_ms) / 1000)
    return t('ask.waiting', { ...names, left })
  }
  if (ask.outcome === null) return t('ask.sent', { ...names, time: clockTime(ask.linked_ms ?? 0) })
  const why = tOr(
    `errors.${ask.code}`,
    tOr(`stand_down.${ask.code}`, ask.code, { detail: ask.detail }),
    { detail: ask.detail },
  )
  return t(`ask.${ask.outcome}`, { ...names, why })
}

/** In the strip of an open case, whatever else it shows: the newest first. */
export function Asks({ incident }: { incident: IncidentRow }) {
  const now = useNow()
  const own = useSession()?.node
  // Of a case that was handed over here by the node that had asked for a unit of this one: no ask.
  const newest = incident.asks
    .filter((ask) => ask.node !== own)
    .reverse()
    .slice(0, SHOWN)
  return (
    <>
      {newest.map((ask) => (
        <div
          className="ask"
          key={ask.mission_id}
          data-testid={`ask-${ask.call_sign}`}
          data-outcome={ask.outcome ?? (waits(ask) ? 'waiting' : 'sent')}
        >
          <p className={ask.outcome === null ? undefined : 'gh-warnt'} role="status">
            <b>{askText(ask, now)}</b>
          </p>
          {!incident.node && (waits(ask) || (ask.linked_ms !== null && ask.outcome === null)) ? (
            <Withdraw incidentId={incident.id} ask={ask} />
          ) : null}
        </div>
      ))}
    </>
  )
}

/** The undo: while it waits, and of the run that came of it. */
function Withdraw({ incidentId, ask }: { incidentId: string; ask: Ask }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid={`withdraw-${ask.call_sign}`}>
        {t(waits(ask) ? 'ask.withdraw' : 'ask.recall')}
      </Button>
      {open ? (
        <ReasonDialog
          title={t('ask.withdraw_title', { unit: ask.call_sign, node: ask.node })}
          choices={t('ask.withdraw_reasons').split('|')}
          command={(reason) => ({
            kind: 'incident.withdraw_ask',
            incident_id: incidentId,
            mission_id: ask.mission_id,
            reason,
          })}
          onClose={() => setOpen(false)}
        >
          <p className="gh-m">{t('ask.withdraw_hint', { node: ask.node })}</p>
        </ReasonDialog>
      ) : null}
    </>
  )
}

/** At another node's unit, with a case open. */
export function AskUnit({ unit }: { unit: UnitRow }) {
  const { incident } = useDesk()
  const { send, busy, refusal, dismiss } = useSend()
  if (!unit.away || incident === undefined || !isOpenHere(incident) || !incident.dispatchable)
    return null
  const asked = incident.asks.some((one) => one.unit_id === unit.id && waits(one))
  return (
    <>
      {asked ? (
        <span className="gh-m" data-testid="unit-asked">
          {t('ask.asked', { node: unit.home })}
        </span>
      ) : (
        <Button
          look="primary"
          busy={busy}
          onClick={() =>
            void send({
              kind: 'incident.ask_unit',
              incident_id: incident.id,
              unit_id: unit.id,
              mission_id: uuid7(),
            })
          }
          data-testid="unit-ask"
        >
          {t('ask.ask', { node: unit.home, number: shortNumber(incident.number) })}
        </Button>
      )}
      <Refused refusal={refusal} dismiss={dismiss} />
    </>
  )
}

/** Of a run that another node sent: what this desk can do about it is to ask. */
export function LentDeeds({ mission }: { mission: MissionRow }) {
  const { incident } = useDesk()
  const ask = incident?.asks.find((one) => one.mission_id === mission.id)
  return (
    <>
      <span className="gh-m gh-s">{t('ask.run_of', { node: mission.of_node })}</span>
      {incident &&
      !incident.node &&
      ask &&
      mission.can_stand_down &&
      ask.outcome !== 'withdrawn' ? (
        <Withdraw incidentId={incident.id} ask={ask} />
      ) : null}
    </>
  )
}
