/** Roads that are shut or slow: drawn on the map, changed, and opened again. */
import {
  type AddressHit,
  get,
  type Point,
  query,
  Refusal,
  RoadReason,
  type RoadRow,
} from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { serverNow, useSend, useTable, uuid7 } from '@gh/live'
import type { MapRoad } from '@gh/map'
import { Age, Button, Empty, Refused, refusalText } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { shareText, untilText } from '../care/roads.ts'
import { useDesk } from './desk.tsx'
import { Learnt } from './learnt.tsx'
import { comingTime } from './model.ts'

const MINUTES = [30, 60, 120, 240]
const SHARES = [0.2, 0.4, 0.6, 0.8]
const MINUTE_MS = 60_000
const NONE: Point[] = []

export interface RoadDraft {
  drawing: boolean
  points: Point[]
  /** Along the road; empty until two clicks are joined. */
  line: Point[]
  problem: string
  begin: () => void
  undo: () => void
  end: () => void
}

/** What is being drawn: clicks on the map, joined along the roads by the server. */
export function useRoadDraft(): RoadDraft {
  const { pinning, setPinning } = useDesk()
  const [clicks, setClicks] = useState<Point[] | null>(null)
  // Escape takes the map's clicks away: with fewer than two there is nothing to go on with.
  useEffect(() => {
    if (pinning === null) setClicks((made) => (made !== null && made.length < 2 ? null : made))
  }, [pinning])
  const points = clicks ?? NONE
  const words = points.map(({ lat, lon }) => `${lat.toFixed(6)},${lon.toFixed(6)}`).join(';')
  const joined = useQuery({
    queryKey: ['road-line', words],
    queryFn: () => get<Point[]>(query('/api/roads/line', { points: words })),
    enabled: points.length > 1,
    retry: false,
  })
  // Without a road network a stretch is what was clicked: it is still said to everybody.
  const without = joined.error instanceof Refusal && joined.error.code === 'no_roads'
  const line = points.length < 2 ? NONE : (joined.data ?? (without ? points : NONE))
  return {
    drawing: clicks !== null,
    points,
    line,
    problem: joined.isError && !without && points.length > 1 ? refusalOf(joined.error) : '',
    begin: () => {
      setClicks([])
      setPinning({
        hint: t('road.draw_hint'),
        place: (point) => setClicks((before) => [...(before ?? []), point]),
      })
    },
    undo: () => setClicks(points.slice(0, -1)),
    end: () => {
      setClicks(null)
      setPinning(null)
    },
  }
}

const refusalOf = (error: unknown): string =>
  error instanceof Refusal ? refusalText(error) : t('errors.no_answer')

/** The draft as the map draws it. */
export const draftRoad = ({ line }: RoadDraft): MapRoad[] =>
  line.length > 1 ? [{ id: 'draft', line, look: 'draft', label: '' }] : []

interface Terms {
  share: number
  until_ms: number | null
}

interface Props {
  draft: RoadDraft
  /** The one that was pressed on the map. */
  chosen: string
  onClose: () => void
}

export function Roads({ draft, chosen, onClose }: Props) {
  const roads = useTable('roads')
  const sorted = useMemo(() => [...roads].sort((a, b) => b.since_ms - a.since_ms), [roads])
  return (
    <section
      // Whoever points at streets sees the streets: until a stretch is drawn there is only a bar.
      className={`gh-panel roads${draft.drawing && draft.line.length < 2 ? ' bar' : ''}`}
      aria-label={t('road.title')}
      data-testid="roads"
    >
      <div className="gh-ph">
        <h2>{t('road.title')}</h2>
        <span className="gh-sp" />
        {draft.drawing ? null : (
          <Button look="primary" onClick={draft.begin} data-testid="road-draw">
            {t('road.draw')}
          </Button>
        )}
        <Button
          onClick={() => {
            draft.end()
            onClose()
          }}
          data-testid="roads-close"
        >
          {t('ui.close')}
        </Button>
      </div>
      {draft.drawing ? <NewRoad draft={draft} /> : null}
      {sorted.length === 0 && !draft.drawing ? (
        <Empty title={t('road.empty')} hint={t('road.empty_hint')} />
      ) : null}
      {draft.drawing ? null : (
        <>
          <ul>
            {sorted.map((road) => (
              <RoadItem key={road.id} road={road} chosen={road.id === chosen} />
            ))}
          </ul>
          <Learnt />
        </>
      )}
    </section>
  )
}

function NewRoad({ draft }: { draft: RoadDraft }) {
  const { send, busy, refusal } = useSend()
  const [label, setLabel] = useState<string | null>(null)
  const [reason, setReason] = useState<RoadReason>('crash')
  const [both_ways, setBothWays] = useState(true)
  const [terms, setTerms] = useState<Terms>({ share: 0, until_ms: null })
  const middle = draft.line[Math.floor(draft.line.length / 2)]
  const near = useQuery({
    queryKey: ['road-name', middle],
    queryFn: () =>
      get<AddressHit | null>(
        query('/api/address/reverse', { lat: middle?.lat, lon: middle?.lon }),
      ).catch(() => null),
    enabled: middle !== undefined,
  })
  const name = label ?? near.data?.label ?? ''
  async function close(): Promise<void> {
    const done = await send({
      kind: 'road.close',
      closure_id: uuid7(),
      line: draft.line,
      both_ways,
      reason,
      label: name,
      ...terms,
    })
    if (done) draft.end()
  }
  return (
    <div className="road-new" data-testid="road-new">
      <p className="gh-m gh-s">
        {draft.points.length < 2 ? t('road.draw_hint') : t('road.draw_more')}
      </p>
      {draft.problem === '' ? null : <p className="gh-warnt gh-s">{draft.problem}</p>}
      {draft.line.length > 1 ? (
        <>
          <label className="gh-field">
            <span>{t('road.label')}</span>
            <input
              className="gh-input"
              maxLength={80}
              value={name}
              onChange={(event) => setLabel(event.target.value)}
              data-testid="road-label"
            />
          </label>
          <label className="gh-field">
            <span>{t('road.reason')}</span>
            <select
              className="gh-input"
              value={reason}
              onChange={(event) => setReason(event.target.value as RoadReason)}
              data-testid="road-reason"
            >
              {RoadReason.map((one) => (
                <option key={one} value={one}>
                  {t(`road_reason.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <TermsFields terms={terms} setTerms={setTerms} />
          <label className="gh-row">
            <input
              type="checkbox"
              checked={both_ways}
              onChange={(event) => setBothWays(event.target.checked)}
              data-testid="road-both"
            />
            {t('road.both_ways')}
          </label>
        </>
      ) : null}
      <Refused refusal={refusal} />
      <div className="gh-row">
        {draft.line.length > 1 ? (
          <Button look="primary" busy={busy} onClick={() => void close()} data-testid="road-go">
            {t(terms.share === 0 ? 'road.go_shut' : 'road.go_slow')}
          </Button>
        ) : null}
        {draft.points.length > 0 ? (
          <Button onClick={draft.undo} data-testid="road-undo">
            {t('road.undo')}
          </Button>
        ) : null}
        <Button onClick={draft.end} data-testid="road-cancel">
          {t('ui.cancel')}
        </Button>
      </div>
    </div>
  )
}

function RoadItem({ road, chosen }: { road: RoadRow; chosen: boolean }) {
  const { send, busy, refusal } = useSend()
  const [terms, setTerms] = useState<Terms | null>(null)
  const reopen = (reason: 'open' | 'mistake') =>
    void send({ kind: 'road.reopen', closure_id: road.id, reason })
  async function change(): Promise<void> {
    if (terms === null) return
    if (await send({ kind: 'road.change', closure_id: road.id, ...terms })) setTerms(null)
  }
  return (
    <li className={chosen ? 'on' : ''} data-testid={`road-${road.id}`}>
      <p>
        <b>{road.label || t('road.unnamed')}</b> {shareText(road.share)} ·{' '}
        {t(`road_reason.${road.reason}`)}
        {road.both_ways ? '' : ` · ${t('road.one_way')}`}
      </p>
      <p className="gh-m gh-s">
        {untilText(road)} ·{' '}
        {road.seat === '' ? tOr(`role.${road.role}`, '') : t('app.seat', { seat: road.seat })}{' '}
        <Age at_ms={road.since_ms} />
      </p>
      {terms === null ? null : <TermsFields terms={terms} setTerms={setTerms} />}
      <Refused refusal={refusal} />
      <div className="gh-row">
        {terms === null ? (
          <>
            <Button busy={busy} onClick={() => reopen('open')} data-testid="road-open">
              {t('road.reopen')}
            </Button>
            <Button
              onClick={() => setTerms({ share: road.share, until_ms: road.until_ms })}
              data-testid="road-change"
            >
              {t('road.change')}
            </Button>
            <Button
              look="quiet"
              busy={busy}
              onClick={() => reopen('mistake')}
              data-testid="road-mistake"
            >
              {t('road.mistake')}
            </Button>
          </>
        ) : (
          <>
            <Button
              look="primary"
              busy={busy}
              onClick={() => void change()}
              data-testid="road-change-go"
            >
              {t('ui.confirm')}
            </Button>
            <Button onClick={() => setTerms(null)}>{t('ui.cancel')}</Button>
          </>
        )}
      </div>
    </li>
  )
}

/** How much gets through, and for how long. */
function TermsFields({ terms, setTerms }: { terms: Terms; setTerms: (terms: Terms) => void }) {
  const [time, setTime] = useState('')
  const [minutes, setMinutes] = useState<number | null>(null)
  return (
    <>
      <label className="gh-field">
        <span>{t('road.passes')}</span>
        <select
          className="gh-input"
          value={terms.share}
          onChange={(event) => setTerms({ ...terms, share: Number(event.target.value) })}
          data-testid="road-share"
        >
          {[0, ...SHARES].map((share) => (
            <option key={share} value={share}>
              {shareText(share)}
            </option>
          ))}
        </select>
      </label>
      <div className="gh-field">
        <span>
          {t('road.how_long')} {untilText(terms)}
        </span>
        <div className="gh-row">
          {MINUTES.map((n) => (
            <Button
              key={n}
              on={minutes === n}
              onClick={() => {
                setMinutes(n)
                setTerms({ ...terms, until_ms: serverNow() + n * MINUTE_MS })
              }}
              data-testid={`road-for-${n}`}
            >
              {t('road.minutes', { n })}
            </Button>
          ))}
          <input
            className="gh-input road-time"
            placeholder="HH:MM"
            value={time}
            aria-label={t('road.until_time')}
            onChange={(event) => {
              setTime(event.target.value)
              const until_ms = comingTime(event.target.value, serverNow())
              if (until_ms === null) return
              setMinutes(null)
              setTerms({ ...terms, until_ms })
            }}
            data-testid="road-until"
          />
          <Button
            on={terms.until_ms === null}
            onClick={() => {
              setMinutes(null)
              setTerms({ ...terms, until_ms: null })
            }}
            data-testid="road-until-told"
          >
            {t('road.until_told')}
          </Button>
        </div>
      </div>
    </>
  )
}
