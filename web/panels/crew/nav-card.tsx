/** The way: the next manoeuvre, what is left, when we are there. At a place: how long we are there. */
import { type IncidentRow, type Lane, type MissionRow, query, type Route } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { useFix, useNow } from '@gh/live'
import { useEffect } from 'react'
import { clockTime, metres, span } from '../care/format.ts'
import { codeOf, useGet } from '../care/query.ts'
import { useRoadsMark } from '../care/roads.ts'
import { missionState } from '../care/words.ts'
import { stageOf } from './model.ts'
import { useSpoken } from './voice.ts'

const EVERY_MS = 10_000

interface Props {
  mission: MissionRow
  incident: IncidentRow | undefined
}

/** Where the run is bound for and the way there; null: it stands at a place. */
export function useWay(mission: MissionRow) {
  const { lang } = useLang()
  const stage = stageOf(mission)
  const to = stage === 'to_hospital' ? ('hospital' as const) : ('scene' as const)
  const moving = stage === 'to_scene' || (stage === 'to_hospital' && mission.destination_id !== '')
  const route = useGet<Route>(
    moving ? query('/api/route', { mission_id: mission.id, to, lang }) : null,
    { every_ms: EVERY_MS },
  )
  // A road that is shut on the way is driven round at once, not at the next question.
  const { refetch } = route
  const roads = useRoadsMark()
  const goal = mission.destination_id
  // biome-ignore lint/correctness/useExhaustiveDependencies: both say that an answer is old
  useEffect(() => {
    if (moving) void refetch()
  }, [roads, goal, moving, refetch])
  // An answer from before the only way was shut leads nowhere; one from before the line was lost does.
  const way = codeOf(route.error) === 'no_route' ? undefined : route.data
  return { stage, to, moving, route, way }
}

export function NavCard({ mission, incident }: Props) {
  const { stage, to, moving, route, way } = useWay(mission)
  const place = to === 'hospital' ? mission.destination_name : (incident?.location?.label ?? '')
  if (!moving) return <Stay mission={mission} place={place} />
  return (
    <section className="panel crew-nav" data-stage={stage} data-testid="nav-card">
      {way ? (
        <Road way={way} at_ms={route.dataUpdatedAt} place={place} unitId={mission.unit_id} />
      ) : route.isError ? (
        <div className="crew-nav-none">
          <b>{place || t('crew.address_unknown')}</b>
          <span>
            {codeOf(route.error) === 'no_route' ? t('crew.no_route') : t('crew.route_unreachable')}{' '}
            {t('crew.use_own_navigation')}
          </span>
        </div>
      ) : (
        <div className="skeleton" style={{ height: 64, gridColumn: '1 / -1', margin: '0 16px' }} />
      )}
    </section>
  )
}

function Road(props: { way: Route; at_ms: number; place: string; unitId: string }) {
  const now = useNow()
  const fix = useFix(props.unitId)
  const { way } = props
  const gone_s = Math.max(0, (Date.now() - props.at_ms) / 1000)
  const left_s = Math.max(0, way.seconds - gone_s)
  // The first one says how to set off; what a driver needs is the turn after it, and how far.
  const [first, turn, then] = way.manoeuvres
  const lanes = turn ? lanesText(turn.lanes) : ''
  useSpoken(turn ? [turn.text, lanes].filter(Boolean).join(t('ui.comma')) : '')
  return (
    <>
      <div className="crew-turn">
        <TurnIcon turn={turn?.turn ?? 'arrive'} />
      </div>
      <div className="crew-go">
        <b>
          {first && turn
            ? t('crew.in_distance', { distance: metres(first.metres), text: brief(turn.text) })
            : props.place}
        </b>
        {turn && lanes !== '' ? <Lanes lanes={turn.lanes} words={lanes} /> : null}
        <span>
          {then
            ? t('crew.then', { text: brief(then.text) })
            : t('crew.to_place', { place: props.place })}
        </span>
      </div>
      <div className="crew-eta">
        <div className="num" data-testid="eta">
          {span(left_s)}
        </div>
        <b className="num">{clockTime(now + left_s * 1000).slice(0, 5)}</b>{' '}
        {t('crew.arrive_left', { distance: metres(way.metres) })}
        {fix !== undefined && fix.point !== null && ` · ${Math.round(fix.speed_kmh)} km/h`}
      </div>
    </>
  )
}

/** Which lanes to take, counted from the nearer side; empty: all will do, or the map does not tell. */
export function lanesText(lanes: readonly Lane[]): string {
  const fits = lanes.flatMap((lane, i) => (lane.fits ? [i] : []))
  if (fits.length === 0 || fits.length === lanes.length) return ''
  const n = fits.length
  if (fits.at(-1) === n - 1) return t('crew.lanes_left', { n })
  if (fits[0] === lanes.length - n) return t('crew.lanes_right', { n })
  return t('crew.lanes_are', { which: fits.map((i) => i + 1).join(t('ui.comma')) })
}

const LANE_SIGN: Record<string, string> = {
  u_turn: '↶',
  sharp_left: '↙',
  left: '←',
  slight_left: '↖',
  continue: '↑',
  slight_right: '↗',
  right: '→',
  sharp_right: '↘',
}

/** From the left, as they lie before the driver; those to take are lit. */
export function Lanes({ lanes, words }: { lanes: readonly Lane[]; words: string }) {
  return (
    <span className="crew-lanes" data-testid="lanes">
      {lanes.map((lane, i) => (
        <i
          // biome-ignore lint/suspicious/noArrayIndexKey: a lane is its place among the others
          key={i}
          className={lane.fits ? 'on' : undefined}
          aria-hidden="true"
        >
          {lane.ways.map((way) => LANE_SIGN[way] ?? '').join('') || '·'}
        </i>
      ))}
      <em>{words}</em>
    </span>
  )
}

/** "Turn left into X, drive 2.1 km": the distance after the turn is not for now. */
const brief = (text: string): string => text.split(/[，,]/)[0] ?? text

function TurnIcon({ turn }: { turn: string }) {
  const left = turn.includes('left')
  const right = turn.includes('right')
  const stroke = { fill: 'none', stroke: 'var(--text)', strokeWidth: 9 }
  if (turn === 'arrive')
    return (
      <svg viewBox="0 0 70 70" aria-hidden="true">
        <path d="M35 62C20 44 14 36 14 27a21 21 0 0 1 42 0c0 9-6 17-21 35z" fill="var(--text)" />
        <circle cx="35" cy="27" r="8" fill="var(--panel)" />
      </svg>
    )
  if (turn === 'u_turn')
    return (
      <svg viewBox="0 0 70 70" aria-hidden="true">
        <path d="M52 62V26a15 15 0 0 0-30 0v18" {...stroke} />
        <path d="M8 40h28L22 58z" fill="var(--text)" />
      </svg>
    )
  if (left || right)
    return (
      <svg viewBox="0 0 70 70" aria-hidden="true" style={right ? { transform: 'scaleX(-1)' } : {}}>
        <path d="M52 64V34c0-8-4-12-12-12H22" {...stroke} />
        <path d="M28 6 8 22l20 16z" fill="var(--text)" />
      </svg>
    )
  return (
    <svg viewBox="0 0 70 70" aria-hidden="true">
      <path d="M35 64V24" {...stroke} />
      <path d="M16 32 35 6l19 26z" fill="var(--text)" />
    </svg>
  )
}

function Stay({ mission, place }: { mission: MissionRow; place: string }) {
  const now = useNow()
  const stage = stageOf(mission)
  const age_s = (now - mission.since_ms) / 1000
  const late = mission.limit_s !== null && age_s > mission.limit_s
  const text =
    stage === 'to_hospital'
      ? t('crew.choose_hospital')
      : stage === 'hospital'
        ? mission.destination_name || t('crew.at_hospital')
        : place || t('crew.at_scene')
  return (
    <section className="panel crew-nav" data-stage={stage} data-testid="nav-card">
      <div className="crew-turn">
        <TurnIcon turn="arrive" />
      </div>
      <div className="crew-go">
        <b>{text}</b>
        <span>
          {t('crew.since', {
            state: missionState(mission.state),
            time: clockTime(mission.since_ms),
          })}
        </span>
      </div>
      <div className={late ? 'crew-eta late' : 'crew-eta'}>
        <div className="num">{span(age_s)}</div>
        {mission.limit_s !== null &&
          (late
            ? t('crew.over_limit', { limit: span(mission.limit_s) })
            : t('crew.limit', { limit: span(mission.limit_s) }))}
      </div>
    </section>
  )
}
