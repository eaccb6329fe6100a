/** A line without axes: only the shape of the last minutes. Holes stay holes. */
import type { Series } from '../care/vitals.ts'

interface Props {
  series: Series
  from_ms: number
  to_ms: number
  width: number
  height: number
}

export function Spark({ series, from_ms, to_ms, width, height }: Props) {
  const values = series.value.filter((v): v is number => v !== null)
  if (values.length < 2)
    return <svg className="hs-spark" width={width} height={height} aria-hidden="true" />
  const low = Math.min(...values)
  const high = Math.max(...values)
  // A flat line must not look like a wild one: at least ten units of height.
  const pad = Math.max(10 - (high - low), 2) / 2
  const x = (ms: number) => ((ms - from_ms) / (to_ms - from_ms)) * width
  const y = (v: number) => height - 1 - ((v - low + pad) / (high - low + 2 * pad)) * (height - 2)
  let pen = 'M'
  const path = series.at_ms
    .map((at, i) => {
      const v = series.value[i]
      if (v == null) {
        pen = 'M'
        return ''
      }
      const step = `${pen}${x(at).toFixed(1)} ${y(v).toFixed(1)}`
      pen = 'L'
      return step
    })
    .join('')
  return (
    <svg
      className="hs-spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  )
}
