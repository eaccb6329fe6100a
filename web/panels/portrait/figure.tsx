/** The body with its systems: each drawn in its colour, with a shape beside it for who sees none. */
import type { Colour, PortraitRegionRow } from '@gh/contract'
import { t } from '@gh/i18n'

/** Where a system lies on a drawing of 120 x 250, as one path; a child's row has no place. */
const ORGANS: Record<string, string> = {
  limbs:
    'M33 62c-9 20-13 42-18 68M87 62c9 20 13 42 18 68M51 142c-3 34-5 62-6 92M69 142c3 34 5 62 6 92',
  vessels: 'M60 52v84M60 136l-9 16M60 136l9 16M60 60l-22 10M60 60l22 10',
  spine: 'M57 126h6M57 119h6M57 112h6M57 105h6M57 98h6M57 91h6',
  brain: 'M47 19a13 11 0 0 1 26 0c0 6-5 9-13 9s-13-3-13-9z',
  airway: 'M57 33h6v16h-6z',
  mind: 'M92 4a8 8 0 1 1-3 14l-6 3 2-7a8 8 0 0 1 7-10z',
  lungs: 'M54 62c-10 3-13 14-12 27 5 3 11 1 12-2zM66 62c10 3 13 14 12 27-5 3-11 1-12-2z',
  heart: 'M62 76c4-5 11-1 8 5-2 4-6 7-8 9-3-2-7-5-9-9-2-6 5-10 9-5z',
  liver_gi:
    'M43 97c10-5 24-4 33 0-1 9-8 12-16 12-10 0-16-4-17-12zM52 114q8-4 16 0q3 6-1 12q-7 3-14 0q-4-6-1-12z',
  kidney: 'M43 111c-4 1-4 10 0 11 3-2 4-8 0-11zM77 111c4 1 4 10 0 11-3-2-4-8 0-11z',
  endocrine: 'M52 50c2 4 5 4 6 1M62 51c1 3 4 3 6-1M66 108c4 0 6 2 7 4',
  uterus: 'M54 131h12l-3 9h-6z',
}
const LINES = new Set(['limbs', 'vessels', 'spine', 'endocrine'])
const OUTLINE =
  'M60 4c11 0 16 8 15 18-1 8-4 14-8 17v9c6 4 20 5 25 14 7 14 11 40 18 68 2 6-5 9-8 3-7-17-12-32-17-47-1 10-1 22 1 34 3 17 1 30-1 46-1 19-1 37-3 56 3 5 7 9 6 12h-17c-3-20-6-55-9-86h-4c-3 31-6 66-9 86H32c-1-3 3-7 6-12-2-19-2-37-3-56-2-16-4-29-1-46 2-12 2-24 1-34-5 15-10 30-17 47-3 6-10 3-8-3 7-28 11-54 18-68 5-9 19-10 25-14v-9c-4-3-7-9-8-17C44 12 49 4 60 4z'
/** What is worse is drawn later, so that nothing calm covers it. */
const ORDER: readonly Colour[] = ['grey', 'green', 'orange', 'red']

export function Figure({
  regions,
  names,
  chosen,
  onChoose,
}: {
  regions: readonly PortraitRegionRow[]
  names: (id: string) => string
  chosen: string
  onChoose: (region: string) => void
}) {
  const drawn = Object.keys(ORGANS)
    .flatMap((id) => regions.find((region) => region.region === id) ?? [])
    .sort((a, b) => ORDER.indexOf(a.colour) - ORDER.indexOf(b.colour))
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn
    <svg className="pt-figure" viewBox="0 0 120 250" role="group" aria-label={t('portrait.body')}>
      <path className="pt-outline" d={OUTLINE} />
      {drawn.map(({ region, colour }) => (
        // biome-ignore lint/a11y/useSemanticElements: a button cannot stand inside a drawing
        <g
          key={region}
          role="button"
          tabIndex={0}
          className={[
            `pt-${colour}`,
            LINES.has(region) ? 'line' : 'fill',
            chosen === region ? 'on' : '',
          ].join(' ')}
          aria-pressed={chosen === region}
          aria-label={`${names(region)}: ${t(`portrait.colour.${colour}`)}`}
          onClick={() => onChoose(chosen === region ? '' : region)}
          onKeyDown={(e) => e.key === 'Enter' && onChoose(chosen === region ? '' : region)}
        >
          <path d={ORGANS[region]} />
        </g>
      ))}
    </svg>
  )
}

/** Square, triangle, disc, dashed ring: never the round badge of the triage level. */
export function ColourMark({ colour }: { colour: Colour }) {
  return (
    <svg className={`pt-mark pt-${colour}`} viewBox="0 0 16 16" aria-hidden="true">
      {colour === 'red' && <rect x="2" y="2" width="12" height="12" />}
      {colour === 'orange' && <path d="M8 1.5L15 14H1z" />}
      {colour === 'green' && <circle cx="8" cy="8" r="5" />}
      {colour === 'grey' && <circle cx="8" cy="8" r="5.5" />}
    </svg>
  )
}
