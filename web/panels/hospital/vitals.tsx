/** The patient's signs as large numbers, each with its age, and as lines over the ride. */
import type { PatientRow, Sign } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow } from '@gh/live'
import { Button, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { ageText, clockTime } from '../care/format.ts'
import { isOutdated } from '../care/outdated.ts'
import { alarmClass } from '../care/vital-alarms.tsx'
import {
  aligned,
  numberText,
  type Reading,
  type Readings,
  readings,
  type Series,
  series,
  signAges,
  trend,
} from '../care/vitals.ts'
import { isBeyond, note, signName } from '../care/words.ts'
import { Chart } from './chart.tsx'
import { type Sets, useSets } from './sets.ts'
import { Spark } from './spark.tsx'

/** 0: from the first value on. */
const SPANS = [0, 15, 30, 60] as const
/** A ride of a minute would be all steps. */
const SHORTEST_MS = 2 * 60_000

export function Vitals({ patient }: { patient: PatientRow }) {
  const now = useNow()
  const found = useSets(patient)
  const [minutes, setMinutes] = useState<number>(0)
  const all = readings(found.sets, found.live, patient)
  const newest = Math.max(0, ...[...all.values()].map((r) => r.at_ms))
  const { silent_ms } = signAges(useLimits())
  const begun_ms = Math.min(found.sets[0]?.received_ms ?? now, now - SHORTEST_MS)
  const from_ms = minutes === 0 ? begun_ms : now - minutes * 60_000
  return (
    <>
      <Tiles patient={patient} all={all} found={found} now={now} />
      <section className="gh-panel hs-trends" data-testid="trends">
        <div className="gh-ph">
          <h2>{t('hospital.trends')}</h2>
          <span className={now - newest > silent_ms ? 'un gh-s' : 'gh-m gh-s'}>
            {newest === 0
              ? t('hospital.no_signs')
              : now - newest > silent_ms
                ? t('hospital.signs_old', { age: ageText(now - newest) })
                : t('hospital.signs_live')}
          </span>
          <span className="gh-sp" />
          {SPANS.map((m) => (
            <Button
              key={m}
              look="quiet"
              on={m === minutes}
              onClick={() => setMinutes(m)}
              data-testid={`span-${m}`}
            >
              {m === 0 ? t('hospital.whole_ride') : `${m} min`}
            </Button>
          ))}
        </div>
        {found.loading && found.sets.length === 0 ? (
          <Skeleton rows={10} />
        ) : found.failed && found.sets.length === 0 ? (
          <ErrorNote what={t('hospital.history_failed')} works={t('hospital.history_works')} />
        ) : found.sets.length === 0 ? (
          <Empty title={t('hospital.no_signs')} hint={t('hospital.no_signs_hint')} />
        ) : (
          <Lines found={found} from_ms={from_ms} to_ms={now} />
        )}
      </section>
    </>
  )
}

type Group = {
  key: string
  signs: readonly { sign: Sign; colour: string }[]
  low: number
  high: number
}
const GROUPS: readonly Group[] = [
  {
    key: 'rate',
    signs: [
      { sign: 'heart_rate', colour: '--accent' },
      { sign: 'resp', colour: '--st-sent' },
    ],
    low: 0,
    high: 120,
  },
  {
    key: 'pressure',
    signs: [
      { sign: 'nibp_sys', colour: '--st-loaded' },
      { sign: 'nibp_mean', colour: '--muted' },
      { sign: 'nibp_dia', colour: '--st-scene' },
    ],
    low: 40,
    high: 160,
  },
  { key: 'oxygen', signs: [{ sign: 'spo2', colour: '--st-enroute' }], low: 80, high: 100 },
]

function Lines({ found, from_ms, to_ms }: { found: Sets; from_ms: number; to_ms: number }) {
  return (
    <div className="hs-charts">
      {GROUPS.map((group) => {
        const { at_ms, values } = aligned(
          found.sets,
          group.signs.map((s) => s.sign),
          from_ms,
        )
        const lines = group.signs.map(({ sign, colour }, i) => ({
          label: signName(sign),
          colour,
          values: values[i] ?? [],
        }))
        return (
          <div key={group.key} className="hs-chart-box">
            <div className="hs-legend">
              {lines.map((l) => (
                <span key={l.label}>
                  <i style={{ background: `var(${l.colour})` }} />
                  {l.label}
                </span>
              ))}
            </div>
            <Chart
              at_ms={at_ms}
              lines={lines}
              from_ms={from_ms}
              to_ms={to_ms}
              low={group.low}
              high={group.high}
              sync="patient"
            />
          </div>
        )
      })}
    </div>
  )
}

interface TilesProps {
  patient: PatientRow
  all: Readings
  found: Sets
  now: number
}

function Tiles({ patient, all, found, now }: TilesProps) {
  const from = now - 15 * 60_000
  const line = (sign: Sign) => series(found.sets, sign, from)
  const arrow = (sign: Sign, step: number) => trend(line(sign), step)
  const rate: Sign = all.get('heart_rate')?.value != null ? 'heart_rate' : 'pulse'
  const dia = all.get('nibp_dia')?.value
  const mean = all.get('nibp_mean')?.value
  return (
    <div className="hs-tiles" data-testid="tiles">
      <Tile
        name={signName(rate)}
        unit="/min"
        sign={rate}
        reading={all.get(rate)}
        alarm={alarmClass(patient, 'heart_rate', 'pulse')}
        arrow={arrow(rate, 5)}
        line={line(rate)}
        now={now}
      />
      <Tile
        name={t('care.nibp')}
        unit="mmHg"
        sign="nibp_sys"
        reading={all.get('nibp_sys')}
        after={`/${dia == null ? '--' : Math.round(dia)}`}
        side={mean == null ? '' : t('care.mean', { n: Math.round(mean) })}
        alarm={alarmClass(patient, 'nibp_sys', 'nibp_dia', 'nibp_mean')}
        arrow={arrow('nibp_sys', 8)}
        line={line('nibp_sys')}
        now={now}
      />
      <Tile
        name={signName('spo2')}
        unit="%"
        sign="spo2"
        reading={all.get('spo2')}
        side={
          patient.on_oxygen === null
            ? ''
            : t(patient.on_oxygen ? 'hospital.on_oxygen' : 'hospital.on_air')
        }
        alarm={alarmClass(patient, 'spo2')}
        arrow={arrow('spo2', 2)}
        line={line('spo2')}
        now={now}
      />
      <Tile
        name={signName('resp')}
        unit="/min"
        sign="resp"
        reading={all.get('resp')}
        alarm={alarmClass(patient, 'resp')}
        arrow={arrow('resp', 2)}
        line={line('resp')}
        now={now}
      />
      <section className="gh-panel hs-others">
        <div className="gh-ph">
          <h2>{t('hospital.others')}</h2>
        </div>
        {(['temp', 'glucose', 'etco2'] as const).map((sign) => {
          const r = all.get(sign)
          const beyond = r !== undefined && r.value === null && isBeyond(r.note)
          return (
            <div key={sign}>
              <span>
                {signName(sign)}{' '}
                <small className="gh-m">
                  {{ temp: '℃', glucose: 'mmol/L', etco2: 'mmHg' }[sign]}
                </small>
              </span>
              <b className={beyond ? 'num un' : 'num'}>
                {beyond ? note(r.note) : r?.value == null ? '--' : numberText(sign, r.value)}
              </b>
              <small className="gh-m">
                {r === undefined ? t('hospital.never') : clockTime(r.at_ms).slice(0, 5)}
              </small>
            </div>
          )
        })}
        <div>
          <span>GCS</span>
          <b className="num">{patient.gcs_text || '--'}</b>
          <small className="gh-m">
            {patient.consciousness || t('hospital.never')} <SeenAge patient={patient} name="gcs" />
          </small>
        </div>
        <div>
          <span>{t('hospital.pain')}</span>
          <b className="num">{patient.pain ?? '--'}</b>
          <small className="gh-m">
            {patient.pain === null && t('hospital.never')} <SeenAge patient={patient} name="pain" />
          </small>
        </div>
      </section>
    </div>
  )
}

/** When a person saw it last, marked once that is too long ago to be scored. */
function SeenAge({ patient, name }: { patient: PatientRow; name: string }) {
  const now = useNow()
  const at_ms = patient.seen_ms[name]
  if (at_ms === undefined) return null
  const old = isOutdated(patient, name, now)
  return (
    <span className={old ? 'un' : 'gh-m'} data-old={old || undefined}>
      {t('hospital.ago', { age: ageText(now - at_ms) })}
    </span>
  )
}

/** Stretched to the width of its tile. */
const TILE_LINE = { width: 200, height: 30 }

function Tile(props: {
  name: string
  unit: string
  sign: Sign
  reading: Reading | undefined
  after?: string
  side?: string
  alarm: string
  arrow: string
  line: Series
  now: number
}) {
  const { reading, now } = props
  const { stale_ms } = signAges(useLimits())
  const begun_ms = props.line.at_ms[0] ?? now
  const age = reading === undefined ? null : now - reading.at_ms
  const old = age !== null && age > stale_ms(props.sign)
  return (
    <section
      className={`gh-panel hs-tile${old ? ' old' : ''}${props.alarm}`}
      data-testid={`tile-${props.sign}`}
    >
      <div className="h">
        <span>
          {props.name} <small className="gh-m">{props.unit}</small>
        </span>
        <span className="gh-m">{props.side}</span>
      </div>
      <div className="v">
        {reading?.value == null ? '--' : numberText(props.sign, reading.value)}
        {props.after}
        <i>{props.arrow}</i>
      </div>
      <Spark
        series={props.line}
        from_ms={begun_ms}
        to_ms={now}
        width={TILE_LINE.width}
        height={TILE_LINE.height}
      />
      <div className={old ? 'un f' : 'gh-m f'}>
        {age === null
          ? t('hospital.never')
          : reading?.value === null
            ? note(reading.note)
            : t('hospital.ago', { age: ageText(age) })}
      </div>
    </section>
  )
}
