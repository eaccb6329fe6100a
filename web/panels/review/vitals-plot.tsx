/** Vital signs up to the moment of the replay: stored sets, or what the centre had charted by then. */
import { t } from '@gh/i18n'
import { Empty } from '@gh/ui'
import { useMemo } from 'react'
import type uPlot from 'uplot'
import { clockTime } from '../care/format.ts'
import { numberText } from '../care/vitals.ts'
import { signName } from '../care/words.ts'
import { aligned, type Clock, type Sample } from './playback.ts'
import { Plot } from './plot.tsx'

const LINES = [
  { sign: 'heart_rate', token: '--al1' },
  { sign: 'spo2', token: '--st-sent' },
  { sign: 'nibp_sys', token: '--st-scene' },
  { sign: 'resp', token: '--accent' },
] as const
const SIGNS = LINES.map((l) => l.sign)
/** Strokes tell the lines apart where colour does not. */
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]]
/** Of a shorter case the axis tells seconds. */
const SHORT_MS = 15 * 60_000
const LOW = 0
const HIGH = 160

interface Props {
  samples: readonly Sample[]
  clock: Clock
  at_ms: number
  from_ms: number
  to_ms: number
}

export function VitalsPlot({ samples, clock, at_ms, from_ms, to_ms }: Props) {
  const { at_ms: times, values } = useMemo(() => aligned(samples, SIGNS, at_ms), [samples, at_ms])
  const data = useMemo<uPlot.AlignedData>(
    () => [times.map((ms) => ms / 1000), ...values],
    [times, values],
  )
  const short = to_ms - from_ms < SHORT_MS
  if (samples.length === 0) return <Empty title={t('review.no_vitals')} />
  return (
    <div className="rv-vitals">
      <p className="rv-legend">
        {LINES.map(({ sign, token }, i) => {
          const value = values[i]?.findLast((v) => v !== null)
          return (
            <span key={sign}>
              <svg viewBox="0 0 22 4" width="22" height="4" aria-hidden="true">
                <path
                  d="M0,2H22"
                  stroke={`var(${token})`}
                  strokeWidth="2.5"
                  strokeDasharray={DASHES[i]?.join(' ')}
                />
              </svg>
              {signName(sign)}{' '}
              <b className="num">
                {value === undefined || value === null ? '--' : numberText(sign, value)}
              </b>
            </span>
          )
        })}
      </p>
      <Plot
        look={`${clock}${from_ms}${to_ms}`}
        label={t('review.vitals')}
        data={data}
        options={(paint, axis) => ({
          padding: [6, 8, 0, 0],
          legend: { show: false },
          cursor: { show: false },
          scales: {
            x: { time: true, range: () => [from_ms / 1000, to_ms / 1000] },
            y: { range: (_u, _min, max) => [LOW, Math.max(HIGH, max ?? HIGH)] },
          },
          axes: [
            {
              ...axis,
              size: 20,
              space: 70,
              values: (_u, splits) =>
                splits.map((s) => (short ? clockTime(s * 1000) : clockTime(s * 1000).slice(0, 5))),
            },
            { ...axis, size: 34, space: 26 },
          ],
          series: [
            {},
            ...LINES.map(({ sign, token }, i) => ({
              label: sign,
              stroke: paint(token),
              width: 2,
              dash: DASHES[i] ?? [],
              spanGaps: true,
              points: {
                show: clock === 'seen' || sign.startsWith('nibp'),
                size: 6,
                fill: paint(token),
              },
            })),
          ],
        })}
      />
      <p className="gh-m gh-s">
        {t(clock === 'seen' ? 'review.vitals_seen' : 'review.vitals_happened')}
      </p>
    </div>
  )
}
