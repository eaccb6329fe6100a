/** A case played again on the map: where the units were, what was known, by either of two clocks. */
import type { City, ReplayAnswer, Timeline } from '@gh/contract'
import { query } from '@gh/contract'
import { named, t } from '@gh/i18n'
import { CityMap, type MapUnit } from '@gh/map'
import { useSession } from '@gh/session'
import { Empty, ErrorNote, LevelBadge, Panel, ringOf, Skeleton } from '@gh/ui'
import { type MouseEvent, useMemo, useState } from 'react'
import { Link } from 'react-router'
import { useContentWords, useLexicon } from '../care/content.tsx'
import { eventSentence } from '../care/event-words.ts'
import { ageText, clockTime, dayTime, span } from '../care/format.ts'
import { Guard } from '../care/guard.tsx'
import { codeOf, useGet } from '../care/query.ts'
import { useWho } from '../care/who.ts'
import { missionState } from '../care/words.ts'
import { CabinVideo } from './cabin-video.tsx'
import { EventTrack } from './event-track.tsx'
import { MatchedLegend, MatchedSwitch } from './matched.tsx'
import { Moment } from './moment.tsx'
import { useMatched, useReadings, useTracks } from './paged.ts'
import {
  type Clock,
  chartedSamples,
  matchedAt,
  newestRun,
  placeAt,
  playedAt,
  rowsOf,
  screenAfter,
  trailsAt,
} from './playback.ts'
import { marksOf, Transport, usePlayhead } from './transport.tsx'
import { VitalsPlot } from './vitals-plot.tsx'

const STALE_MS = 60_000
const NO_SAMPLES: never[] = []

export function Replay({ incidentId }: { incidentId: string }) {
  const [clock, setClock] = useState<Clock>('happened')
  const path = `/api/cases/${encodeURIComponent(incidentId)}`
  const timeline = useGet<Timeline>(`${path}/timeline`, { stale_ms: 60_000 })
  const happened = useGet<ReplayAnswer>(query(`${path}/replay`, { clock: 'happened' }), {
    stale_ms: 60_000,
  })
  const seen = useGet<ReplayAnswer>(query(`${path}/replay`, { clock: 'seen' }), {
    stale_ms: 60_000,
  })
  const failed = [timeline, happened, seen].find((q) => q.isError)
  if (failed)
    return (
      <Panel title={t('review.replay')}>
        <ErrorNote
          what={t(codeOf(failed.error) === 'absent' ? 'errors.absent' : 'review.case_failed')}
          works={t('review.read_only')}
          retry={() => void failed.refetch()}
        />
      </Panel>
    )
  if (!timeline.data || !happened.data || !seen.data)
    return (
      <Panel title={t('review.replay')}>
        <Skeleton rows={16} />
      </Panel>
    )
  return (
    <Played
      key={incidentId}
      timeline={timeline.data}
      replay={clock === 'seen' ? seen.data : happened.data}
      begun_ms={Math.min(happened.data.begun_ms, seen.data.begun_ms)}
      ended_ms={Math.max(happened.data.ended_ms, seen.data.ended_ms)}
      clock={clock}
      onClock={setClock}
    />
  )
}

/** A pressed button would keep the space bar; one reached by the Tab key keeps it rightly. */
function releaseFocus(event: MouseEvent): void {
  if (event.detail > 0 && document.activeElement instanceof HTMLButtonElement)
    document.activeElement.blur()
}

interface PlayedProps {
  timeline: Timeline
  replay: ReplayAnswer
  begun_ms: number
  ended_ms: number
  clock: Clock
  onClock: (clock: Clock) => void
}

function Played({ timeline, replay, begun_ms, ended_ms, clock, onClock }: PlayedProps) {
  const head = usePlayhead(begun_ms, ended_ms)
  const { at_ms } = head
  const lexicon = useLexicon()
  const content = useContentWords()
  const who = useWho(timeline.events)
  const session = useSession()
  const city = useGet<City | null>('/api/city', { stale_ms: 3_600_000 })
  const played = playedAt(replay.frames, at_ms)
  const screen = useMemo(() => screenAfter(replay.frames, played), [replay.frames, played])
  const whole = useMemo(() => screenAfter(replay.frames, replay.frames.length), [replay.frames])
  const ids = useMemo(() => rowsOf(whole, 'missions').map((m) => m.id), [whole])
  const tracks = useTracks(ids)
  const stored = useReadings(ids)
  const [wanted, setWanted] = useState(false)
  // Nobody saw it at the time, so it is no part of what the centre saw.
  const along = wanted && clock === 'happened'
  const matched = useMatched(ids, along)
  const marks = useMemo(() => marksOf(timeline.nodes, clock), [timeline.nodes, clock])
  const incident = rowsOf(screen, 'incidents')[0]
  const missions = rowsOf(screen, 'missions')
  const run = newestRun(missions)
  const charted = useMemo(() => chartedSamples(replay.frames), [replay.frames])
  const samples = clock === 'seen' ? charted : ((run && stored.byMission.get(run.id)) ?? NO_SAMPLES)

  const units: MapUnit[] = missions.flatMap((mission) => {
    const place = placeAt(tracks.byMission.get(mission.id) ?? [], at_ms, clock)
    if (place === null) return []
    return [
      {
        id: mission.unit_id,
        point: place.point,
        heading_deg: place.heading_deg,
        call_sign: mission.call_sign,
        ring: ringOf(mission.state),
        level: mission.level,
        text: missionState(mission.state),
        note: '',
        stale:
          place.age_ms > STALE_MS ? t('review.position_old', { age: ageText(place.age_ms) }) : '',
        source: place.tablet ? t('map.tablet') : undefined,
        active: mission.active,
      },
    ]
  })
  const trails = missions.flatMap((m) => {
    const fixes = tracks.byMission.get(m.id) ?? []
    const pages = matched.byMission.get(m.id) ?? []
    return along && pages.length > 0
      ? matchedAt(pages, fixes, at_ms)
      : trailsAt(fixes, at_ms, clock)
  })
  const shown = along && ids.some((id) => matched.byMission.get(id)?.length)
  const bound = new Set(missions.map((m) => m.destination_id).filter(Boolean))
  const hospitals = (city.data?.hospitals ?? []).filter((h) => bound.has(h.id))
  const scene = incident?.location
  // The view holds the whole case from the start: what moves is the vehicle, not the map.
  const everywhere = useMemo(
    () => [
      ...[...tracks.byMission.values()].flat().map((f) => f.point),
      ...rowsOf(whole, 'incidents').flatMap((i) =>
        i.location ? [{ lat: i.location.lat, lon: i.location.lon }] : [],
      ),
    ],
    [tracks.byMission, whole],
  )
  const current = replay.frames[played - 1]
  const late = current !== undefined && current.late_ms > 5_000 ? current.late_ms : 0
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: it only gives the space bar back to the play head
    <article className="rv-replay" data-testid="replay" onClick={releaseFocus}>
      <header className="gh-panel rv-head">
        <Link className="gh-btn" to={`/review/${timeline.case.incident_id}`} data-testid="back">
          ← {t('review.back')}
        </Link>
        <LevelBadge level={incident?.level ?? ''} size="large" />
        <div>
          <h1>
            {timeline.case.number} {incident ? lexicon.about(incident) : ''}
          </h1>
          <p className="gh-m">{incident?.location?.label || t('ui.unknown')}</p>
        </div>
        <span className="gh-sp" />
        <p className="rv-when gh-m">
          {dayTime(at_ms)}
          <br />
          {t(`review.clock_hint.${clock}`)}
        </p>
      </header>
      <div className="rv-stage">
        <EventTrack
          events={timeline.events}
          frames={replay.frames}
          played={played}
          sentence={(row) => eventSentence(row, content)}
          who={who}
          onPick={head.seek}
        />
        <section className="gh-panel rv-map" aria-label={t('map.title')}>
          <Guard what={t('hospital.map_broken')} works={t('review.map_works')}>
            <CityMap
              city={city.data}
              units={units}
              trails={trails}
              incidents={
                scene
                  ? [
                      {
                        id: timeline.case.incident_id,
                        point: { lat: scene.lat, lon: scene.lon },
                        level: incident?.level ?? '',
                        label: timeline.case.number.split('-').at(-1) ?? '',
                        waiting: incident?.dispatched_ms === null,
                        selected: true,
                      },
                    ]
                  : []
              }
              hospitals={hospitals.map((h) => ({
                id: h.id,
                point: h.point,
                name: named(h),
                marked: true,
              }))}
              accuracy={
                scene && incident
                  ? { point: { lat: scene.lat, lon: scene.lon }, radius_m: incident.accuracy_m }
                  : null
              }
              focus={
                everywhere.length > 0
                  ? { key: `${timeline.case.incident_id}${everywhere.length}`, points: everywhere }
                  : null
              }
            />
          </Guard>
          <footer className="rv-map-foot">
            {shown ? <MatchedLegend /> : <Legend />}
            <span className="gh-sp" />
            {clock === 'happened' && ids.length > 0 && (
              <MatchedSwitch
                on={wanted}
                onChange={setWanted}
                pages={ids.flatMap((id) => matched.byMission.get(id) ?? [])}
                pending={matched.pending}
                failed={matched.failed}
              />
            )}
            {tracks.failed ? (
              <b className="un">{t('review.track_failed')}</b>
            ) : missions.length > 0 && units.length === 0 && !tracks.pending ? (
              <span className="gh-m">{t('review.no_track')}</span>
            ) : null}
          </footer>
        </section>
        <aside className="rv-moment">
          <p className="gh-panel rv-now" data-testid="now">
            <b className="num">{current ? clockTime(current.at_ms) : '--'}</b>{' '}
            {current
              ? timeline.events
                  .filter((e) => e.id === current.event)
                  .map((e) => eventSentence(e, content))
              : t('review.not_begun')}
            {late > 0 && (
              <span className="gh-tag warn">
                {t('review.arrived', { after: span(late / 1000) })}
              </span>
            )}
          </p>
          <Moment
            screen={screen}
            choices={replay.choices.filter((c) => c.at_ms <= at_ms)}
            places={
              new Map(
                missions.map((m) => [
                  m.id,
                  placeAt(tracks.byMission.get(m.id) ?? [], at_ms, clock),
                ]),
              )
            }
            at_ms={at_ms}
            who={who}
          />
          {session?.role === 'quality' && (
            <CabinVideo
              missionId={run?.id ?? ''}
              at_ms={at_ms}
              playing={head.playing}
              speed={head.speed}
            />
          )}
          <Panel title={t('review.vitals')} testid="replay-vitals">
            {stored.failed && clock === 'happened' ? (
              <ErrorNote what={t('review.vitals_failed')} works={t('review.map_works')} />
            ) : (
              <VitalsPlot
                samples={samples}
                clock={clock}
                at_ms={at_ms}
                from_ms={begun_ms}
                to_ms={ended_ms}
              />
            )}
          </Panel>
        </aside>
      </div>
      {replay.frames.length === 0 ? (
        <Empty title={t('review.no_events')} />
      ) : (
        <Transport {...{ head, begun_ms, ended_ms, marks, clock, onClock }} />
      )}
    </article>
  )
}

const STROKES = { live: undefined, late: '1.5 5', gap: '6 5' } as const

const Legend = () => (
  <>
    {(['live', 'late', 'gap'] as const).map((look) => (
      <span key={look} className="rv-stroke">
        <svg viewBox="0 0 26 6" width="26" height="6" aria-hidden="true">
          <path
            d="M1,3H25"
            stroke={look === 'gap' ? 'var(--muted)' : 'var(--st-sent)'}
            strokeWidth={look === 'gap' ? 2 : 4}
            strokeDasharray={STROKES[look]}
            strokeLinecap={look === 'gap' ? 'butt' : 'round'}
          />
        </svg>
        {t(`review.trail.${look}`)}
      </span>
    ))}
  </>
)
