/** A recording that is over: from what the server says of it to samples that can be drawn. */
import type { DrawnEcg } from '@gh/contract'
import { Slice } from './slice.ts'

/** The device's time of the first sample that is drawn; of a file without one, when it came. */
export const beginOf = ({ ecg, from_ms }: DrawnEcg): number =>
  (ecg.at_ms ?? ecg.received_ms) + from_ms

/** What nobody measured is no number in it, whether one lead lacks it or all of them. */
export function stillSlice(drawn: DrawnEcg): Slice {
  const count = Math.max(0, ...drawn.leads.map((lead) => lead.values.length))
  const slice = new Slice(
    {
      device_id: drawn.ecg.device,
      replay: drawn.ecg.test,
      device_ms: beginOf(drawn),
      rate_hz: drawn.rate_hz,
      channels: drawn.leads.map(({ lead, nanovolt }) => ({ lead, nanovolt })),
    },
    beginOf(drawn),
    count,
  )
  drawn.leads.forEach((lead, c) => {
    const row = slice.rows[c] as Float32Array
    row.fill(Number.NaN)
    lead.values.forEach((value, n) => {
      if (value === null) return
      row[n] = (value * lead.nanovolt + lead.zero_nanovolt) / 1e6
      slice.present[n] = 1
    })
  })
  return slice
}
