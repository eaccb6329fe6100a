/** An indicator by group, and the distribution of its times. A group without a value has no bar. */
import type { Breakdown } from '@gh/contract'
import { t } from '@gh/i18n'
import { Empty } from '@gh/ui'
import { useMemo } from 'react'
import uPlot from 'uplot'
import { span } from '../care/format.ts'
import { type Paint, Plot } from './plot.tsx'
import { groupName } from './words.ts'

const BARS = uPlot.paths.bars?.({ size: [0.72, 48] })
const CENT = 100
/** Steps of an axis that tells a length of time. */
const TIMES_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200]

type Draw = (u: uPlot) => void

/** A dashed line across the plot, from one end of a scale to the other. */
function across(paint: Paint, scale: 'x' | 'y', at: number | null): Draw {
  return (u) => {
    if (at === null) return
    const { ctx, bbox } = u
    const pixel = u.valToPos(at, scale, true)
    ctx.save()
    ctx.strokeStyle = paint('--text')
    ctx.lineWidth = 2 * devicePixelRatio
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(scale === 'x' ? pixel : bbox.left, scale === 'x' ? bbox.top : pixel)
    ctx.lineTo(
      scale === 'x' ? pixel : bbox.left + bbox.width,
      scale === 'x' ? bbox.top + bbox.height : pixel,
    )
    ctx.stroke()
    ctx.restore()
  }
}

interface GroupsProps {
  found: Breakdown
  onPick: (key: string) => void
}

export function GroupChart({ found, onPick }: GroupsProps) {
  const { kpi, by, groups } = found
  const share = kpi.unit === 'share'
  const names = groups.map((g) => groupName(by, g.key))
  const data = useMemo<uPlot.AlignedData>(
    () => [
      groups.map((_, i) => i),
      groups.map(({ figure }) =>
        share ? (figure.value === null ? null : figure.value * CENT) : figure.p50,
      ),
      share ? groups.map(() => null) : groups.map(({ figure }) => figure.p90),
    ],
    [groups, share],
  )
  const target = kpi.target === null ? null : share ? kpi.target * CENT : kpi.target
  if (groups.length === 0) return <Empty title={t('review.no_data')} />
  return (
    <Plot
      look={`${kpi.code}${by}${names.join()}`}
      className="tall"
      label={t('review.chart_groups')}
      data={data}
      onPick={(index) => onPick(groups[index]?.key ?? '')}
      options={(paint, axis) => ({
        padding: [10, 28, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: {
          x: { time: false, range: () => [-0.6, groups.length - 0.4] },
          y: {
            range: (_u, _min, max) => [0, share ? CENT : Math.max(max ?? 0, target ?? 0, 1) * 1.1],
          },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 24,
            space: by === 'hour' ? 24 : 76,
            incrs: [1, 2, 3, 6, 12, 24, 48, 96],
            values: (_u, splits) =>
              splits.map((s) =>
                Number.isInteger(s)
                  ? by === 'hour'
                    ? (groups[s]?.key ?? '')
                    : (names[s] ?? '')
                  : '',
              ),
          },
          {
            ...axis,
            size: 58,
            ...(share ? {} : { incrs: TIMES_S }),
            values: (_u, splits) => splits.map((s) => (share ? `${s} %` : span(s))),
          },
        ],
        series: [
          {},
          {
            stroke: paint('--accent'),
            fill: paint('--accent'),
            ...(BARS ? { paths: BARS } : {}),
            points: { show: false },
          },
          {
            // The slowest tenth as an outlined mark: told without colour.
            stroke: paint('--text'),
            paths: () => null,
            points: { show: true, size: 9, width: 2, fill: paint('--panel') },
          },
        ],
        hooks: { draw: [across(paint, 'y', target)] },
      })}
    />
  )
}

interface BinsProps {
  found: Breakdown
  onPick: (index: number) => void
}

export function TimesChart({ found, onPick }: BinsProps) {
  const { bins, limit_s, kpi } = found
  const width = bins[0]?.to_s ?? bins[1]?.over_s ?? 1
  const data = useMemo<uPlot.AlignedData>(() => {
    const over = (b: { over_s: number }) => limit_s !== null && b.over_s >= limit_s
    return [
      bins.map((b) => b.over_s + width / 2),
      bins.map((b) => (over(b) || b.n === 0 ? null : b.n)),
      bins.map((b) => (over(b) && b.n > 0 ? b.n : null)),
    ]
  }, [bins, limit_s, width])
  if (bins.length === 0) return <Empty title={t('review.no_times')} />
  const end = (bins.at(-1)?.over_s ?? 0) + width
  return (
    <Plot
      look={`${kpi.code}${end}${width}${limit_s}`}
      className="tall"
      label={t('review.chart_times')}
      data={data}
      onPick={onPick}
      options={(paint, axis) => ({
        padding: [10, 28, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: {
          x: { time: false, range: () => [0, end] },
          y: { range: (_u, _min, max) => [0, Math.max(1, max ?? 1) * 1.1] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 24,
            space: 70,
            incrs: TIMES_S,
            values: (_u, splits) => splits.map(span),
          },
          {
            ...axis,
            size: 40,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
          },
        ],
        series: [
          {},
          {
            stroke: paint('--accent'),
            fill: paint('--accent'),
            ...(BARS ? { paths: BARS } : {}),
            points: { show: false },
          },
          {
            // Beyond the limit: an outline, so that a black-and-white print tells it too.
            stroke: paint('--text'),
            width: 2,
            ...(BARS ? { paths: BARS } : {}),
            points: { show: false },
          },
        ],
        hooks: { draw: [across(paint, 'x', limit_s)] },
      })}
    />
  )
}
