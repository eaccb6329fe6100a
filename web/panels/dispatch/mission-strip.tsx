import {
  MILESTONES,
  type Milestone,
  type MissionRow,
  type NodeRow,
  STAND_DOWN_REASONS,
} from '@gh/contract'
import { clockTime, duration, t, tOr } from '@gh/i18n'
import { serverNow, useLimits, useNow, useRow, useSend } from '@gh/live'
import { Button, Dialog, Elapsed, LevelBadge, Refused, StateRing, useHotkeys } from '@gh/ui'
import { useState } from 'react'
import { marks, sceneAlarmText } from '../care/device-alarms.ts'
import { deviceName } from '../care/monitors.ts'
import { isUnsure, sureness } from '../care/words.ts'
import { LentDeeds } from './asks.tsx'
import { limitText } from './board-parts.tsx'
import { CodeDialog } from './case-dialogs.tsx'
import { DestinationDialog } from './destination.tsx'
import { EndHelp } from './end-help.tsx'
import { DivertDialog, RelieveDialog } from './exchange.tsx'
import { pastTime } from './model.ts'
import { arrivesText, leftOf, useEtas } from './ways.ts'
import { WindowLines } from './window.tsx'

/** One run: its nodes with the source of each, and what the radio asks the dispatcher to set. */
export function MissionStrip({ mission }: { mission: MissionRow }) {
  const { send, busy, refusal, dismiss } = useSend()
  const now = useNow()
  const [dialog, setDialog] = useState<'stand_down' | 'divert' | 'relieve' | 'destination' | null>(
    null,
  )
  const [node, setNode] = useState<Milestone | null>(null)
  const unit = useRow('units', mission.unit_id)
  const last = mission.nodes.at(-1)
  // After this a correction with a reason is due.
  const undo_s = useLimits()?.undo_s ?? 0
  const ours = !mission.of_node
  const undoable = ours && last !== undefined && now - last.received_ms < undo_s * 1000
  const next = ours ? mission.next_milestone : null
  const eta = useEtas().get(mission.id)
  const left_s = eta ? leftOf(eta, now) : null
  const reach = (milestone: Milestone) =>
    void send({
      kind: 'mission.reach',
      mission_id: mission.id,
      milestone,
      source: 'dispatcher',
    })
  useHotkeys({
    'ctrl+z': () => {
      if (undoable && last) {
        void send({ kind: 'mission.undo', mission_id: mission.id, milestone: last.milestone })
      }
    },
  })
  const proposed = mission.proposed.filter(
    (milestone) => ours && !mission.nodes.some((n) => n.milestone === milestone),
  )
  return (
    <div className="run" data-testid="mission-strip" data-state={mission.state}>
      <div className="who">
        <p className="gh-row">
          <StateRing state={mission.state} />
          <b className="call">{mission.call_sign}</b>
          <LevelBadge level={mission.level} />
          {mission.lent_to ? (
            <span className="gh-tag" data-testid="lent-to">
              {t('ask.lent_to', { node: mission.lent_to })}
            </span>
          ) : null}
        </p>
        <p>
          {t(`state.${mission.state}`)}{' '}
          <Elapsed
            since_ms={mission.since_ms}
            limit_s={mission.limit_s}
            until_ms={mission.ended_ms}
          />
          {mission.limit_s && !mission.ended_ms ? (
            <span className="gh-m gh-s"> {t('case.limit', { n: limitText(mission.limit_s) })}</span>
          ) : null}
        </p>
        {eta && left_s !== null ? (
          <p>
            {t(eta.to === 'hospital' ? 'route.hospital' : 'route.scene')}{' '}
            <b className="eta">
              {eta.estimated ? '≈' : ''}
              {duration(left_s)}
            </b>{' '}
            <span className="gh-m gh-s" title={eta.range ? t('route.range') : undefined}>
              {arrivesText(eta, left_s, now)}
            </span>
          </p>
        ) : null}
        <WindowLines mission={mission} />
        <p className="gh-m gh-s gh-ell">
          {mission.task_text ? tOr(`task_text.${mission.task_text}`, mission.task_text) : ''}
          {mission.destination_name ? ` → ${mission.destination_name}` : ''}
          {mission.stand_down_reason
            ? tOr(`stand_down.${mission.stand_down_reason}`, mission.stand_down_reason)
            : ''}
          {mission.state === 'stood_down' && mission.assigned_ms !== null
            ? ` · ${
                mission.stand_down_seen_ms === null
                  ? t('run.stand_down_unseen')
                  : t('run.stand_down_seen', { time: clockTime(mission.stand_down_seen_ms) })
              }`
            : ''}
        </p>
        {mission.scene_alarms.map((one) => (
          <p
            key={`${one.device_id} ${one.what}`}
            className="gh-s gh-warnt"
            title={one.device_id}
            data-testid="scene-alarm"
          >
            {marks(one.priority)}{' '}
            {t('run.scene_alarm', {
              what: sceneAlarmText(one),
              device: deviceName(one.device_id),
              time: clockTime(one.since_ms),
            })}
          </p>
        ))}
        {mission.flags.map((flag) => {
          const [code = flag, what = ''] = flag.split(':')
          return (
            <p key={flag} className="gh-s gh-warnt gh-ell">
              ▲ {tOr(`flag.${code}`, flag, { what: tOr(`milestone.${what}`, what) })}
            </p>
          )
        })}
      </div>
      <ol className="nodes">
        {mission.assigned_ms !== null ? (
          <li className="done">
            <i />
            <b>{t('milestone.assigned')}</b>
            <span>{clockTime(mission.assigned_ms)}</span>
            <span className="gh-m gh-s">{t('source.dispatcher')}</span>
          </li>
        ) : null}
        {MILESTONES.map((milestone) => (
          <Node
            key={milestone}
            milestone={milestone}
            node={mission.nodes.find((n) => n.milestone === milestone)}
            next={milestone === next}
            onOpen={ours ? () => setNode(milestone) : undefined}
          />
        ))}
      </ol>
      <div className="deeds">
        <EndHelp unit={unit} />
        {ours ? null : <LentDeeds mission={mission} />}
        {proposed.map((milestone) => (
          <Button
            key={milestone}
            look={isUnsure(mission, milestone) ? 'plain' : 'primary'}
            busy={busy}
            onClick={() => reach(milestone)}
            data-testid={`proposed-${milestone}`}
          >
            {[
              t('run.proposed', { node: t(`milestone.${milestone}`) }),
              sureness(mission, milestone),
            ]
              .filter(Boolean)
              .join(' · ')}
          </Button>
        ))}
        {next && mission.active && !proposed.includes(next) ? (
          <Button
            look={proposed.length === 0 ? 'primary' : 'plain'}
            busy={busy}
            onClick={() => reach(next)}
            data-testid="next-node"
          >
            {t('run.next', { node: t(`milestone.${next}`) })}
          </Button>
        ) : null}
        {mission.state === 'reserved' ? (
          <Button
            look="primary"
            busy={busy}
            onClick={() => void send({ kind: 'mission.activate', mission_id: mission.id })}
            data-testid="activate"
          >
            {t('reserve.activate')}
          </Button>
        ) : null}
        {undoable && last ? (
          <Button
            keycap="Ctrl Z"
            busy={busy}
            onClick={() =>
              void send({
                kind: 'mission.undo',
                mission_id: mission.id,
                milestone: last.milestone,
              })
            }
            data-testid="undo-node"
          >
            {t('run.undo', { node: t(`milestone.${last.milestone}`) })}
          </Button>
        ) : null}
        {ours && mission.can_stand_down ? (
          <span className="gh-row">
            <Button look="danger" onClick={() => setDialog('stand_down')} data-testid="stand-down">
              {t('run.stand_down')}
            </Button>
            {mission.active ? (
              <>
                <Button onClick={() => setDialog('divert')} data-testid="divert">
                  {t('run.divert')}
                </Button>
                <Button onClick={() => setDialog('relieve')} data-testid="relieve">
                  {t('run.relieve')}
                </Button>
              </>
            ) : null}
          </span>
        ) : mission.active && !mission.can_stand_down ? (
          <span className="gh-m gh-s">{t('run.on_board')}</span>
        ) : null}
        {ours && mission.active ? (
          <Button onClick={() => setDialog('destination')} data-testid="destination">
            {t('run.destination')}
          </Button>
        ) : null}
        <Refused refusal={refusal} dismiss={dismiss} />
      </div>
      {dialog === 'destination' ? (
        <DestinationDialog mission={mission} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === 'stand_down' ? (
        <CodeDialog
          title={t('run.stand_down_title', { unit: mission.call_sign })}
          codes={STAND_DOWN_REASONS.filter((code) => code !== 'diverted' && code !== 'relieved')}
          prefix="stand_down"
          command={(reason) => ({ kind: 'mission.stand_down', mission_id: mission.id, reason })}
          onClose={() => setDialog(null)}
          testid="stand-down-dialog"
        />
      ) : null}
      {dialog === 'divert' ? (
        <DivertDialog mission={mission} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === 'relieve' ? (
        <RelieveDialog mission={mission} onClose={() => setDialog(null)} />
      ) : null}
      {node ? (
        <NodeDialog
          mission={mission}
          milestone={node}
          node={mission.nodes.find((n) => n.milestone === node)}
          onClose={() => setNode(null)}
        />
      ) : null}
    </div>
  )
}

function Node({
  milestone,
  node,
  next,
  onOpen,
}: {
  milestone: Milestone
  node: NodeRow | undefined
  next: boolean
  /** Undefined: another node records the run. */
  onOpen: (() => void) | undefined
}) {
  return (
    <li className={node ? 'done' : next ? 'next' : ''}>
      <button
        type="button"
        onClick={onOpen}
        disabled={onOpen === undefined}
        data-testid={`node-${milestone}`}
      >
        <i />
        <b>{t(`milestone.${milestone}`)}</b>
        {node ? (
          <>
            <span>
              {node.original_ms !== null ? <s>{clockTime(node.original_ms)}</s> : null}
              {clockTime(node.at_ms)}
            </span>
            <span className="gh-m gh-s">
              {t(`source.${node.source}`)}
              {node.supplied_late ? ` · ${t('run.late')}` : ''}
              {node.original_ms !== null ? ` · ${t('run.corrected')}` : ''}
            </span>
          </>
        ) : (
          <span className="gh-m gh-s">{next ? t('run.waiting') : '—'}</span>
        )}
      </button>
    </li>
  )
}

/** A node that was forgotten is supplied late; one that is wrong is corrected with a reason. */
function NodeDialog({
  mission,
  milestone,
  node,
  onClose,
}: {
  mission: MissionRow
  milestone: Milestone
  node: NodeRow | undefined
  onClose: () => void
}) {
  const { send, busy, refusal } = useSend()
  const [text, setText] = useState(clockTime(node?.at_ms ?? serverNow()))
  const [reason, setReason] = useState('')
  const at_ms = pastTime(text, serverNow())
  const can = at_ms !== null && (node === undefined || reason.trim() !== '')
  const go = async () => {
    if (at_ms === null) return
    const done = node
      ? await send({
          kind: 'mission.correct',
          mission_id: mission.id,
          milestone,
          at_ms,
          reason: reason.trim(),
        })
      : await send({
          kind: 'mission.reach',
          mission_id: mission.id,
          milestone,
          source: 'dispatcher',
          at_ms,
        })
    if (done) onClose()
  }
  return (
    <Dialog
      title={t(node ? 'node.correct' : 'node.supply', {
        unit: mission.call_sign,
        node: t(`milestone.${milestone}`),
      })}
      onClose={onClose}
      testid="node-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {can ? (
            <Button look="primary" busy={busy} onClick={() => void go()} data-testid="node-go">
              {t('ui.save')}
            </Button>
          ) : (
            <span className="gh-m">
              {t(at_ms === null ? 'node.need_time' : 'errors.reason_required')}
            </span>
          )}
        </>
      }
    >
      {node ? (
        <p className="gh-m">
          {t('node.kept', {
            at: clockTime(node.original_ms ?? node.at_ms),
            source: t(`source.${node.source}`),
          })}
        </p>
      ) : (
        <p className="gh-m">{t('node.supply_hint')}</p>
      )}
      <label className="gh-field">
        <span>{t('node.at')}</span>
        <input
          className="gh-input big"
          value={text}
          onChange={(event) => setText(event.target.value)}
          data-testid="node-at"
        />
      </label>
      {node ? (
        <label className="gh-field">
          <span>{t('ui.reason')}</span>
          <input
            className="gh-input"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            data-testid="node-reason"
          />
        </label>
      ) : null}
    </Dialog>
  )
}
