import type { AlertRow, HospitalRow } from '@gh/contract'
import { clockTime, duration, named, t, tOr } from '@gh/i18n'
import { useLimits, useLoaded, useNow, useRow, useSend, useTable } from '@gh/live'
import { useSession } from '@gh/session'
import {
  Button,
  Dialog,
  Empty,
  playTone,
  Refused,
  useAudioReady,
  useHotkeys,
  useTone,
} from '@gh/ui'
import { useEffect, useMemo, useRef, useState } from 'react'
import { eventSentence } from '../care/event-words.ts'
import { useWho } from '../care/who.ts'
import { windowText } from '../care/window.ts'
import { useDesk } from './desk.tsx'
import { type AlertGroup, groupAlerts } from './model.ts'
import { askedText } from './scene.tsx'
import { ownerText } from './words.ts'

const SHOWN = 4
const UNIT = 'unit:'
const STARS: Record<number, string> = { 1: '***', 2: '**', 3: '*' }

/** What was kept aside of a vehicle or a fallback seat: whose, what and why. */
function asideText({ details }: Pick<AlertRow, 'details'>): string {
  const { aside = '', event, seat = '', call_sign = details.unit_id ?? '' } = details
  return t(
    details.unit_id === undefined && seat !== '' ? 'alert.seat_set_aside' : 'alert.set_aside',
    {
      call_sign,
      seat,
      what:
        event === undefined
          ? t('aside.what_vitals')
          : eventSentence({ kind: event, summary: details }, undefined),
      why: tOr(`aside.${aside}`, aside),
    },
  )
}

/** Of an alert about a reserved unit: when it is wanted. */
const hourOf = (at_ms: string | undefined): string =>
  at_ms === undefined ? '' : windowText(Number(at_ms), null)

/** A crew's call for help is told as the alarm of its vehicle's terminal where that made it. */
const alertKey = ({ code, details }: Pick<AlertRow, 'code' | 'details'>): string =>
  details.by_alarm === undefined ? `alert.${code}` : `alert.${code}_terminal`

export const alertText = (
  alert: Pick<AlertRow, 'code' | 'details'>,
  hospitals: readonly HospitalRow[],
): string =>
  alert.code === 'set_aside'
    ? asideText(alert)
    : tOr(alertKey(alert), alert.code, {
        ...alert.details,
        asked: askedText(alert.details),
        hospital: hospitals
          .filter((h) => h.id === alert.details.hospital_id)
          .map(named)
          .join(),
        from: hourOf(alert.details.due_ms),
        until: hourOf(alert.details.latest_ms),
        alarm: tOr(`terminal_alarm.${alert.details.by_alarm}`, ''),
        number: alert.details.number?.split('-').at(-1) ?? '',
        call_sign: alert.details.call_sign ?? '',
      })

/** What is asked of another centre is that centre's to hear; what a hospital lets wait is ours too. */
export const isForUs = (
  alert: Pick<AlertRow, 'code' | 'owner'>,
  org: string | undefined,
): boolean =>
  !alert.owner.startsWith('@') || alert.owner === `@${org}` || alert.code === 'ecg_unread'

/** What needs somebody now. Nothing scrolls away; acknowledging does not remove the condition. */
export function AlertStrip() {
  const org = useSession()?.org
  const every = useTable('alerts')
  const alerts = useMemo(() => every.filter((alert) => isForUs(alert, org)), [every, org])
  const loaded = useLoaded()
  const { send, refusal, dismiss } = useSend()
  const [all, setAll] = useState(false)
  const [mutedUntil, setMutedUntil] = useState(0)
  const now = useNow()
  const audible = useAudioReady()
  const mute_s = useLimits()?.screen.mute_s
  const groups = groupAlerts(alerts)
  const first = groups.filter((g) => g.priority === 1 && g.open.length > 0)
  const muted = now < mutedUntil
  useTone('alarm', first.length > 0 && !muted)

  // A new alert of priority 2 sounds once.
  const seen = useRef<Set<string> | null>(null)
  useEffect(() => {
    const ids = alerts.filter((a) => a.priority === 2 && a.state === 'open').map((a) => a.id)
    if (seen.current !== null && ids.some((id) => !seen.current?.has(id))) playTone('notice')
    if (loaded) seen.current = new Set([...(seen.current ?? []), ...ids])
  }, [alerts, loaded])

  const acknowledge = (group: AlertGroup) => {
    for (const alert of group.open) void send({ kind: 'alert.acknowledge', alert_id: alert.id })
  }
  const shown = groups.slice(0, SHOWN)
  useHotkeys({
    'ctrl+1': () => shown[0] && acknowledge(shown[0]),
    'ctrl+2': () => shown[1] && acknowledge(shown[1]),
    'ctrl+3': () => shown[2] && acknowledge(shown[2]),
    'ctrl+4': () => shown[3] && acknowledge(shown[3]),
    'ctrl+0': () => setAll(true),
  })
  const rest = groups.length - shown.length
  // With no alert left too: unseen it would open over a later call.
  const list = all ? <AllAlerts key="all" groups={groups} onClose={() => setAll(false)} /> : null
  if (loaded && groups.length === 0) {
    return (
      <section className="alerts" aria-label={t('alerts.title')} data-testid="alert-strip">
        <div className="gh-panel calm gh-m">
          <span>{t('alerts.empty')}</span>
          {audible ? null : <span className="gh-warnt">{t('alerts.no_sound')}</span>}
        </div>
        {list}
      </section>
    )
  }
  return (
    <section className="alerts" aria-label={t('alerts.title')} data-testid="alert-strip">
      {shown.map((group, i) => (
        <AlertCell
          key={group.key}
          group={group}
          now={now}
          keycap={`Ctrl ${i + 1}`}
          onAcknowledge={() => acknowledge(group)}
        />
      ))}
      <div className="tail">
        {first.length > 0 && mute_s !== undefined ? (
          <Button
            onClick={() => setMutedUntil(muted ? 0 : now + mute_s * 1000)}
            data-testid="mute"
            on={muted}
          >
            {muted
              ? t('alerts.muted', { s: Math.ceil((mutedUntil - now) / 1000) })
              : t('alerts.mute', { s: mute_s })}
          </Button>
        ) : null}
        {first.length > 0 && !audible ? (
          <span className="gh-warnt gh-s">{t('alerts.no_sound')}</span>
        ) : null}
        {rest > 0 ? (
          <Button keycap="Ctrl 0" onClick={() => setAll(true)} data-testid="alerts-all">
            {t('alerts.rest', { n: rest })}
          </Button>
        ) : null}
        <Refused refusal={refusal} dismiss={dismiss} />
      </div>
      {list}
    </section>
  )
}

interface CellProps {
  group: AlertGroup
  now: number
  keycap: string
  onAcknowledge: () => void
}

function AlertCell({ group, now, keycap, onAcknowledge }: CellProps) {
  const desk = useDesk()
  const hospitals = useTable('hospitals')
  const who = useWho(useTable('log'))
  const oldest = group.alerts[0]
  // An alert about a vehicle leads to it, and to what it is doing.
  const unit = useRow(
    'units',
    oldest?.subject.startsWith(UNIT) ? oldest.subject.slice(UNIT.length) : '',
  )
  const mission = useRow('missions', unit?.mission_id)
  if (oldest === undefined) return null
  const open = group.open.length > 0
  const age = duration((now - oldest.raised_ms) / 1000)
  // The group's most pressing clock: nobody may think that there is time while one runs out.
  const climbing = group.open
    .filter((alert) => alert.climbs_ms !== null)
    .sort((a, b) => (a.climbs_ms ?? 0) - (b.climbs_ms ?? 0))[0]
  return (
    <div
      className={`al p${group.priority}${open ? '' : ' seen'}`}
      role={open && group.priority === 1 ? 'alert' : undefined}
      data-testid={`alert-${oldest.code}`}
      data-state={oldest.state}
    >
      <span className="pr">
        {STARS[group.priority] ?? '*'}
        <span>{t(`alert_priority.${group.priority}`)}</span>
      </span>
      <button
        type="button"
        className="what"
        onClick={() => {
          if (mission) desk.openMission(mission)
          else if (unit) desk.pickUnit(unit.id)
          else if (oldest.incident_id) desk.openCase(oldest.incident_id)
        }}
      >
        <b className="gh-ell">
          {alertText(oldest, hospitals)}
          {group.alerts.length > 1 ? ` ×${group.alerts.length}` : ''}
          {oldest.limit_s === null ? null : (
            <span className="lim"> {t('case.limit', { n: duration(oldest.limit_s) })}</span>
          )}
        </b>
        <span className="t gh-ell">
          {open
            ? `${t('alerts.owner', { owner: ownerText(oldest.owner), age })}${
                climbing
                  ? ` · ${t('alerts.climbs', {
                      s: Math.max(0, Math.ceil(((climbing.climbs_ms ?? 0) - now) / 1000)),
                      owner: ownerText(climbing.next_owner),
                    })}`
                  : ''
              }`
            : t('alerts.seen', {
                name: who(oldest.acknowledged_by),
                at: clockTime(oldest.acknowledged_ms ?? oldest.raised_ms),
              })}
        </span>
      </button>
      {open ? (
        <Button keycap={keycap} onClick={onAcknowledge} data-testid={`ack-${oldest.code}`}>
          {t('alerts.acknowledge')}
        </Button>
      ) : (
        <span className="gh-tag">✓ {t('alerts.still')}</span>
      )}
    </div>
  )
}

function AllAlerts({ groups, onClose }: { groups: AlertGroup[]; onClose: () => void }) {
  const now = useNow()
  const hospitals = useTable('hospitals')
  const { send, refusal } = useSend()
  const who = useWho(useTable('log'))
  const rows = groups.flatMap((group) => group.alerts)
  return (
    <Dialog
      title={t('alerts.all', { n: rows.length })}
      onClose={onClose}
      footer={refusal ? <Refused refusal={refusal} /> : undefined}
    >
      {rows.length === 0 ? <Empty title={t('alerts.empty')} /> : null}
      <ul className="alert-list">
        {rows.map((alert) => (
          <li key={alert.id}>
            <span className={`pr p${alert.priority}`}>{STARS[alert.priority] ?? '*'}</span>
            <span>{alertText(alert, hospitals)}</span>
            <b>{duration((now - alert.raised_ms) / 1000)}</b>
            <span className="gh-m">{ownerText(alert.owner)}</span>
            {alert.state === 'open' ? (
              <Button onClick={() => void send({ kind: 'alert.acknowledge', alert_id: alert.id })}>
                {t('alerts.acknowledge')}
              </Button>
            ) : (
              <span className="gh-m">✓ {who(alert.acknowledged_by)}</span>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
