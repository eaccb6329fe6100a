/**
 * A name that is cut where there is no room. What tells two unknown patients of one case apart is the
 * letter at the end of what they are called: that is never cut.
 */
import type { PatientRow } from '@gh/contract'

/** Where to cut: before the end that tells apart; a name that somebody bears has none. */
export function endOf(text: string, patient: PatientRow | undefined): [string, string] {
  const end = patient?.letter ? `-${patient.letter}` : ''
  const at = end === '' || patient?.name != null ? -1 : text.lastIndexOf(end)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}

export function EndKept({ text, patient }: { text: string; patient: PatientRow | undefined }) {
  const [head, end] = endOf(text, patient)
  return (
    <b className="care-name" title={text}>
      <span className="gh-ell">{head}</span>
      {end !== '' && <span>{end}</span>}
    </b>
  )
}
