/** The right thumb: the nodes with their times and sources, and ONE big button for the next. */
import type { Milestone, MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow, useSend, useTable } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused } from '@gh/ui'
import { useEffect, useState } from 'react'
import { clockTime, span } from '../care/format.ts'
import { OkMark, OpenMark, WarnMark } from '../care/marks.tsx'
import { milestone } from '../care/words.ts'
import { EndedButton } from './ended.tsx'
import { standing } from './identity.ts'
import { rail, SETTLE_MS, undoable, unsigned, whoSays } from './model.ts'

interface Props {
  mission: MissionRow
  onCorrect: () => void
  onEnded: () => void
  /** Why nobody is treated; only while that can be. */
  onUntreated: () => void
}

export function StatusColumn({ mission, onCorrect, onEnded, onUntreated }: Props) {
  const nobody = !useTable('patients').some((p) => p.mission_id === mission.id)
  const there = mission.state === 'on_scene' || mission.state === 'at_patient'
  return (
    <aside className="crew-status">
      <div className="panel crew-rail" data-testid="status-rail">
        {rail(mission).map(({ milestone: code, node, current, missed }) => (
          <div
            key={code}
            className={current ? 'nd cur' : missed ? 'nd missed' : node ? 'nd' : 'nd open'}
            data-testid={`node-${code}`}
          >
            {current ? <Now /> : node ? <OkMark /> : <OpenMark />}
            <span className="nm">{milestone(code)}</span>
            {node ? (
              <>
                <em title={t(`source.${node.source}`)}>
                  {node.original_ms !== null
                    ? t('crew.mark.corrected')
                    : node.supplied_late
                      ? t('crew.mark.late')
                      : t(`crew.mark.${node.source}`)}
                </em>
                <span className="num">{clockTime(node.at_ms)}</span>
              </>
            ) : (
              missed && <span className="un">{t('crew.missed')}</span>
            )}
          </div>
        ))}
      </div>
      <button type="button" className="tap" onClick={onCorrect} data-testid="correct">
        {t('crew.correct')}
      </button>
      {nobody && there && !mission.standby && (
        <button type="button" className="tap" onClick={onUntreated} data-testid="untreated">
          {mission.untreated === null ? t('untreated.title') : `✓ ${t('untreated.title')}`}
        </button>
      )}
      {/* Before the last node the word on this run's own record has the room. */}
      {mission.active && mission.next_milestone !== 'cleared' && (
        <EndedButton unitId={mission.unit_id} onOpen={onEnded} />
      )}
      <NextButton mission={mission} />
    </aside>
  )
}

function Now() {
  return (
    <svg className="care-mark" viewBox="0 0 14 14" aria-hidden="true">
      <circle cx="7" cy="7" r="6" fill="var(--st-loaded)" />
      <circle cx="7" cy="7" r="2.2" fill="#fff" />
    </svg>
  )
}

export function NextButton({ mission }: { mission: MissionRow }) {
  const now = useNow()
  const session = useSession()
  const { send, busy, refusal } = useSend()
  const next = mission.next_milestone
  const last = mission.nodes.at(-1)
  const registered = useTable('patients').filter((p) => p.mission_id === mission.id)
  const lacking = next === 'cleared' ? unsigned(standing(registered)).length : 0
  // A bounce of the finger must not set the node after the one that was meant.
  const [settling, setSettling] = useState(false)
  const count = mission.nodes.length
  const [seen, setSeen] = useState(count)
  useEffect(() => {
    if (count === seen) return
    const grew = count > seen
    setSeen(count)
    if (!grew) return
    setSettling(true)
    const timer = window.setTimeout(() => setSettling(false), SETTLE_MS)
    return () => {
      window.clearTimeout(timer)
      setSettling(false)
    }
  }, [count, seen])
  const limits = useLimits()
  const undo_ms = (limits?.undo_s ?? 0) * 1000
  const undo = undoable(mission, now, undo_ms)
  const reach = (code: Milestone) =>
    void send({
      kind: 'mission.reach',
      mission_id: mission.id,
      milestone: code,
      source: whoSays(session),
    })
  return (
    <div className="crew-next-box">
      <Refused refusal={refusal} />
      {lacking > 0 && (
        <p className="un" role="status" data-testid="unsigned">
          <WarnMark />{' '}
          {t('crew.ended.before_clearing', {
            n: lacking,
            hours: limits?.grant_after_run_h ?? '',
          })}
        </p>
      )}
      {next !== null && mission.state !== 'reserved' && (
        <button
          type="button"
          className="crew-next"
          disabled={busy || settling}
          onClick={() => reach(next)}
          data-testid="next"
          data-milestone={next}
        >
          <small>{busy ? t('crew.sending') : t('crew.next_state')}</small>
          <NextIcon code={next} />
          <b>{milestone(next)}</b>
          <small>
            {last ? t('crew.in_state', { age: span((now - mission.since_ms) / 1000) }) : ''}
          </small>
        </button>
      )}
      {mission.standby && mission.state === 'on_scene' && (
        <button
          type="button"
          className="tap"
          disabled={busy || settling}
          onClick={() => reach('at_patient')}
          data-testid="standby-patient"
        >
          <b>{t('standby.patient')}</b>
        </button>
      )}
      {undo && (
        <button
          type="button"
          className="tap crew-undo"
          disabled={busy}
          onClick={() =>
            void send({ kind: 'mission.undo', mission_id: mission.id, milestone: undo.milestone })
          }
          data-testid="undo"
        >
          <b>{t('crew.undo', { milestone: milestone(undo.milestone) })}</b>
          <i style={{ width: `${(undo.left_ms / undo_ms) * 100}%` }} />
          <small className="num">{Math.ceil(undo.left_ms / 1000)} s</small>
        </button>
      )}
    </div>
  )
}

const ICONS: Record<string, string> = {
  acknowledged: 'M14 34l14 14 26-30',
  departed: 'M6 44V22h32v22M38 30h12l8 8v6h-6M24 44h18M12 44h0M14 26v10M9 31h10',
  on_scene: 'M34 60C20 44 14 36 14 28a20 20 0 0 1 40 0c0 8-6 16-20 32zM34 22v12M28 28h12',
  at_patient: 'M34 14a7 7 0 1 1 0 14 7 7 0 0 1 0-14M18 58V46c0-8 6-12 16-12s16 4 16 12v12',
  loaded: 'M8 46h44M12 46V32l30-6v20M18 28a5 5 0 1 1 0-10 5 5 0 0 1 0 10M16 54h0M46 54h0',
  left_scene: 'M8 34h44M40 20l14 14-14 14',
  at_hospital: 'M10 58V14h28v44M38 30h18v28M4 58h60M24 22v14M17 29h14M46 40h4M46 48h4',
  handed_over: 'M12 40c6 0 6-12 12-12s6 20 12 20 6-24 12-24M8 58h52',
  cleared: 'M34 12a22 22 0 1 1-15.500 6.500M18 8v12h12',
}

function NextIcon({ code }: { code: string }) {
  return (
    <svg viewBox="0 0 68 68" aria-hidden="true">
      <path d={ICONS[code] ?? ICONS.acknowledged} />
    </svg>
  )
}
