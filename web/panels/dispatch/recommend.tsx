import type {
  ArrivalRange,
  Candidate,
  IncidentRow,
  Recommendation,
  Redirect,
  ShiftCheckContent,
} from '@gh/contract'
import { ago, duration, t, tOr } from '@gh/i18n'
import { serverNow, useContent, useRow, useSend, useTable, uuid7 } from '@gh/live'
import { Button, Dialog, Empty, ErrorNote, Refused, Skeleton, StateRing, useHotkeys } from '@gh/ui'
import { useState } from 'react'
import { defectWord } from '../care/shift.ts'
import { windowText } from '../care/window.ts'
import { shortNumber } from './board-parts.tsx'
import { closestOther } from './choice.ts'
import { proposalOf, useDesk, useDispatch, useRedirects, useTogether } from './desk.tsx'
import { comingTime, timeAfter } from './model.ts'

const TOP = 3

/** The age of the position and the estimate stand on a line of their own. */
const SAID_ABOVE = /^(position_age|estimated_crow)/

/** `list` gives the words of what is not in order. */
export const reasonText = (code: string, list?: ShiftCheckContent): string => {
  const [name = code, detail = ''] = code.split(':')
  const words =
    name === 'out_of_service'
      ? tOr(`oos.${detail}`, detail)
      : name === 'equipment'
        ? defectWord(detail, list)
        : /^\d+$/.test(detail)
          ? duration(Number(detail))
          : detail
  return tOr(`reason.${name}`, code, { detail: words })
}

export function useReasonText(): (code: string) => string {
  const list = useContent()?.shift_check
  return (code) => reasonText(code, list)
}

/** The three best units with the reason, the skipped ones with theirs. */
export function Recommend({ incident }: { incident: IncidentRow }) {
  const { assign, busy, refusal, dismiss, recommendation } = useDispatch()
  const reason = useReasonText()
  const [reserving, setReserving] = useState<Candidate | null>(null)
  const ranked = recommendation.data?.ranked.slice(0, TOP) ?? []
  const skipped = recommendation.data?.skipped ?? []
  const shortfall = recommendation.data?.shortfall ?? []
  const waiting = incident.dispatched_ms === null
  const can = incident.dispatchable && !busy
  useHotkeys({
    'alt+1': () => can && ranked[0] && void assign(ranked[0].unit_id),
    'alt+2': () => can && ranked[1] && void assign(ranked[1].unit_id),
    'alt+3': () => can && ranked[2] && void assign(ranked[2].unit_id),
  })
  if (incident.location === null) {
    return <Empty title={t('recommend.need_location')} hint={t('recommend.need_location_hint')} />
  }
  if (recommendation.isError && recommendation.data === undefined) {
    return (
      <div className="padded">
        <ErrorNote
          what={t('recommend.failed')}
          works={t('recommend.failed_works')}
          retry={() => void recommendation.refetch()}
        />
      </div>
    )
  }
  if (recommendation.data === undefined) return <Skeleton rows={5} />
  return (
    <div className="cards">
      {ranked.length === 0 ? (
        <div className="none">
          <Empty
            title={t('recommend.none')}
            hint={shortfall.map((code) => tOr(`shortfall.${code}`, code)).join(' · ')}
          />
        </div>
      ) : null}
      {ranked.map((candidate, i) => (
        <Card
          key={candidate.unit_id}
          candidate={candidate}
          rank={i + 1}
          best={ranked[0]}
          range={recommendation.data?.ranges[candidate.unit_id]}
          waiting={waiting}
          dispatchable={incident.dispatchable}
          busy={busy}
          onSend={() => void assign(candidate.unit_id)}
          onReserve={() => setReserving(candidate)}
        />
      ))}
      <div className="skip" data-testid="skipped">
        <Shared
          incident={incident}
          busy={!can}
          onSend={(advised) => void assign(advised.unit_id, advised)}
        />
        <Redirects incident={incident} ranking={recommendation.data} />
        <Closest ranking={recommendation.data} />
        <p className="gh-m">
          <b>{t('recommend.skipped', { n: skipped.length })}</b>
        </p>
        <div className="list">
          {skipped.map((candidate) => (
            <p key={candidate.unit_id} title={candidate.reasons.map(reason).join(' · ')}>
              <b>{candidate.call_sign}</b>
              <span>{candidate.reasons.map(reason).join(' · ')}</span>
            </p>
          ))}
          {skipped.length === 0 ? (
            <span className="gh-m">{t('recommend.none_skipped')}</span>
          ) : null}
        </div>
        {shortfall.length > 0 ? (
          <p className="gh-warnt" data-testid="shortfall">
            ▲ {shortfall.map((code) => tOr(`shortfall.${code}`, code)).join(' · ')}
          </p>
        ) : null}
        <Refused refusal={refusal} dismiss={dismiss} />
      </div>
      {reserving ? (
        <ReserveDialog
          incident={incident}
          unitId={reserving.unit_id}
          callSign={reserving.call_sign}
          onClose={() => setReserving(null)}
        />
      ) : null}
    </div>
  )
}

/** Several cases wait: the first choice is worth more elsewhere. It advises; a press sends. */
function Shared({
  incident,
  busy,
  onSend,
}: {
  incident: IncidentRow
  busy: boolean
  onSend: (advised: Candidate) => void
}) {
  const mine = useTogether().find((one) => one.incident_id === incident.id)
  if (mine === undefined || mine.first_for === '') return null
  const advised = mine.candidate
  return (
    <div className="closest shared" data-testid="together">
      <p>
        <b>
          {t('together.leave', {
            unit: mine.first_call_sign,
            number: shortNumber(mine.first_for),
            level: mine.first_for_level || 'R?',
          })}
        </b>{' '}
        {advised === null
          ? t('together.none')
          : t('together.take', { unit: advised.call_sign, eta: duration(advised.eta_s ?? 0) })}
      </p>
      {advised === null ? null : (
        <Button disabled={busy} onClick={() => onSend(advised)} data-testid="together-send">
          {t('recommend.send', { unit: advised.call_sign })}
        </Button>
      )}
    </div>
  )
}

/** A unit on its way to a milder case: what it gains here, and what it costs there. */
function Redirects({ incident, ranking }: { incident: IncidentRow; ranking: Recommendation }) {
  const { send, busy, refusal, dismiss } = useSend()
  const found = useRedirects()
  const turn = (one: Redirect) =>
    void send({
      kind: 'mission.divert',
      mission_id: one.mission_id,
      new_mission_id: uuid7(),
      incident_id: incident.id,
      proposal: proposalOf(ranking, one.candidate),
    })
  return (
    <>
      {found.map((one) => (
        <div
          className="closest shared"
          key={one.mission_id}
          data-testid={`redirect-${one.candidate.call_sign}`}
        >
          <p>
            <b>
              {t('redirect.from', {
                unit: one.candidate.call_sign,
                number: shortNumber(one.from_number),
                level: one.from_level,
              })}
            </b>{' '}
            {t('redirect.gain', { eta: duration(one.candidate.eta_s ?? 0) })}
            {one.sooner_s === null
              ? t('redirect.only')
              : t('redirect.sooner', { by: duration(one.sooner_s) })}
            {one.instead_call_sign === ''
              ? t('redirect.leaves_none', { number: shortNumber(one.from_number) })
              : t('redirect.instead', {
                  number: shortNumber(one.from_number),
                  unit: one.instead_call_sign,
                  by: duration(Math.max(0, one.later_s ?? 0)),
                })}
          </p>
          <Button
            busy={busy}
            onClick={() => turn(one)}
            data-testid={`turn-${one.candidate.call_sign}`}
          >
            {t('redirect.go', { unit: one.candidate.call_sign })}
          </Button>
        </div>
      ))}
      <Refused refusal={refusal} dismiss={dismiss} />
    </>
  )
}

/** The plain closest unit, where another one is proposed: what it costs and what it buys. */
function Closest({ ranking }: { ranking: Recommendation }) {
  const reason = useReasonText()
  const closest = closestOther(ranking)
  const first = ranking.ranked[0]
  if (closest === null || closest.eta_s === null) return null
  const why = closest.reasons.filter((code) => !SAID_ABOVE.test(code) && code !== 'nearest')
  const merits = (first?.reasons ?? []).filter((code) => !SAID_ABOVE.test(code))
  return (
    <p className="closest" data-testid="closest">
      <b>{t('choice.closest', { unit: closest.call_sign, eta: duration(closest.eta_s) })}</b>{' '}
      {why.length > 0 && `${why.map(reason).join(' · ')} `}
      {first?.eta_s != null &&
        t('choice.buys', {
          unit: first.call_sign,
          more: duration(Math.max(0, first.eta_s - closest.eta_s)),
          what: merits.map(reason).join(' · ') || t('choice.may_go'),
        })}
    </p>
  )
}

interface CardProps {
  candidate: Candidate
  rank: number
  best: Candidate | undefined
  range: ArrivalRange | undefined
  waiting: boolean
  dispatchable: boolean
  busy: boolean
  onSend: () => void
  onReserve: () => void
}

function Card(props: CardProps) {
  const { candidate, rank, best, waiting, dispatchable } = props
  const reason = useReasonText()
  const desk = useDesk()
  const unit = useRow('units', candidate.unit_id)
  const home = useTable('units').filter(
    (u) => u.station_id === unit?.station_id && u.state === 'ready' && u.id !== unit?.id,
  ).length
  const slower =
    rank > 1 && best?.eta_s != null && candidate.eta_s !== null ? candidate.eta_s - best.eta_s : 0
  const first = rank === 1 && waiting
  return (
    <div className={`card${rank === 1 ? ' first' : ''}`} data-testid={`candidate-${rank}`}>
      <button type="button" className="top" onClick={() => desk.pickUnit(candidate.unit_id)}>
        <span className="rank">{rank}</span>
        <span className="call gh-ell">
          {candidate.call_sign}{' '}
          <small
            className={unit?.assumed ? 'supposed' : undefined}
            title={unit?.assumed ? t('assumed.hint') : undefined}
          >
            {unit ? tOr(`unit_kind_short.${unit.unit_kind}`, unit.unit_kind) : ''}
          </small>
        </span>
        <span className="eta">
          <small>ETA</small>
          {candidate.eta_s === null ? '—' : duration(candidate.eta_s)}
        </span>
      </button>
      <p className="why">
        {props.range ? (
          <span title={t('route.range')} data-testid={`range-${rank}`}>
            {duration(props.range.low_s)}–{duration(props.range.high_s)} ·{' '}
          </span>
        ) : null}
        {candidate.estimated ? (
          <span className="gh-warnt">{t('recommend.estimated')} · </span>
        ) : null}
        {candidate.position_age_s === null
          ? t('reason.position_assumed_station')
          : t('recommend.fix', { age: ago(candidate.position_age_s) })}
        {slower > 0 ? ` · ${t('recommend.slower', { by: duration(slower) })}` : ''}
      </p>
      <p className="why gh-ell">
        {candidate.reasons
          .filter((code) => !SAID_ABOVE.test(code))
          .map(reason)
          .join(' · ')}
      </p>
      <p className="cost">
        {unit ? (
          <>
            <StateRing state={unit.state} /> {t(`state.${unit.state}`)} · {unit.station_name} ·{' '}
            {t('recommend.left', { n: home })}
            {unit.crew.length > 0 ? ` · ${unit.crew.join(t('ui.comma'))}` : ''}
          </>
        ) : null}
      </p>
      <div className="gh-row">
        {dispatchable ? (
          <Button
            look={first ? 'primary' : 'plain'}
            className="grow"
            keycap={first ? 'F6' : `Alt ${rank}`}
            busy={props.busy}
            onClick={props.onSend}
            data-testid={`send-${rank}`}
          >
            {t(waiting ? 'recommend.send' : 'recommend.send_more', { unit: candidate.call_sign })}
          </Button>
        ) : (
          <span className="gh-m grow">{t('recommend.not_yet')}</span>
        )}
        <Button onClick={props.onReserve} data-testid={`reserve-${rank}`}>
          {t('recommend.reserve')}
        </Button>
      </div>
    </div>
  )
}

export function ReserveDialog({
  incident,
  unitId,
  callSign,
  onClose,
}: {
  incident: IncidentRow
  unitId: string
  callSign: string
  onClose: () => void
}) {
  const { send, busy, refusal } = useSend()
  const [text, setText] = useState('')
  const [until, setUntil] = useState('')
  const due = comingTime(text, serverNow())
  const latest = due === null ? null : timeAfter(until, due)
  const whole = due !== null && (until.trim() === '' || latest !== null)
  return (
    <Dialog
      title={t('reserve.title', { unit: callSign })}
      onClose={onClose}
      testid="reserve-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {!whole ? null : (
            <Button
              look="primary"
              busy={busy}
              onClick={() =>
                void send({
                  kind: 'mission.reserve',
                  mission_id: uuid7(),
                  incident_id: incident.id,
                  unit_id: unitId,
                  due_ms: due,
                  latest_ms: latest,
                }).then((done) => done && onClose())
              }
              data-testid="reserve-go"
            >
              {t('reserve.go', { at: windowText(due, latest) })}
            </Button>
          )}
        </>
      }
    >
      <label className="gh-field">
        <span>{t('reserve.at')}</span>
        <input
          className="gh-input big"
          placeholder="15:10"
          value={text}
          autoFocus
          onChange={(event) => setText(event.target.value)}
          data-testid="reserve-at"
        />
      </label>
      <label className="gh-field">
        <span>{t('reserve.latest')}</span>
        <input
          className="gh-input big"
          placeholder="15:30"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
          data-testid="reserve-latest"
        />
      </label>
      <p className="gh-m">{t('reserve.hint')}</p>
    </Dialog>
  )
}
