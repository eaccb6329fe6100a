/** The command bar's language: what a line means, and what could be typed next. Pure. */
import type { IncidentRow, Milestone, UnitRow } from '@gh/contract'

/** Pinyin initials of the nodes: what a dispatcher types after `/s` and the call sign. */
export const NODE_KEYS: Record<string, Milestone> = {
  jd: 'acknowledged',
  cd: 'departed',
  dc: 'on_scene',
  jc: 'at_patient',
  sc: 'loaded',
  sy: 'left_scene',
  dy: 'at_hospital',
  jj: 'handed_over',
  wc: 'cleared',
}

export const VERBS = ['s', 'z', 'c', 'u', 'p'] as const
export type Verb = (typeof VERBS)[number]

export type Line =
  | { kind: 'node'; unit: UnitRow; milestone: Milestone }
  | { kind: 'address'; text: string }
  | { kind: 'case'; incident: IncidentRow }
  | { kind: 'show'; unit: UnitRow }
  | { kind: 'send'; unit: UnitRow }
  | {
      kind: 'wrong'
      code: 'unknown_command' | 'unknown_unit' | 'unknown_node' | 'unknown_case' | 'no_mission'
    }

/** A call sign as people type it: `A-01`, `a01` and, where it is the only one, `01`. */
export function findUnit(units: readonly UnitRow[], typed: string): UnitRow | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  const wanted = plain(typed)
  if (wanted === '') return undefined
  const exact = units.filter((unit) => plain(unit.call_sign) === wanted)
  if (exact.length === 1) return exact[0]
  const ending = units.filter((unit) => plain(unit.call_sign).endsWith(wanted))
  return ending.length === 1 ? ending[0] : undefined
}

/** A case by the end of its number, as people say it: `0149`, `149`; of a fallback seat `01B007`. */
function findCase(incidents: readonly IncidentRow[], typed: string): IncidentRow | undefined {
  const plain = (text: string) => (/^\d+$/.test(text) ? String(Number(text)) : text.toUpperCase())
  const ending = incidents.filter(
    (incident) => plain(incident.number.split('-').at(-1) ?? '') === plain(typed),
  )
  // Numbers begin again each day: yesterday's case of the same number is not meant.
  return ending.sort((a, b) => b.opened_ms - a.opened_ms)[0]
}

const wrong = (code: Extract<Line, { kind: 'wrong' }>['code']): Line => ({ kind: 'wrong', code })

export function parseLine(
  text: string,
  units: readonly UnitRow[],
  incidents: readonly IncidentRow[],
): Line {
  const [verb = '', ...rest] = text.trim().replace(/^\//, '').split(/\s+/)
  const [first = '', second = ''] = rest
  if (first === '') return wrong('unknown_command')
  if (verb === 'z') return { kind: 'address', text: rest.join(' ') }
  if (verb === 'c') {
    const incident = findCase(incidents, first)
    return incident ? { kind: 'case', incident } : wrong('unknown_case')
  }
  if (verb !== 's' && verb !== 'u' && verb !== 'p') return wrong('unknown_command')
  const unit = findUnit(units, first)
  if (unit === undefined) return wrong('unknown_unit')
  if (verb === 'u') return { kind: 'show', unit }
  if (verb === 'p') return { kind: 'send', unit }
  if (second === '') return wrong('unknown_command')
  const milestone = NODE_KEYS[second.toLowerCase()]
  if (milestone === undefined) return wrong('unknown_node')
  if (unit.mission_id === '') return wrong('no_mission')
  return { kind: 'node', unit, milestone }
}

/** What could stand where the line ends now; `line` is the whole line with it. */
export type Hint =
  | { kind: 'verb'; verb: Verb; line: string }
  | { kind: 'unit'; unit: UnitRow; line: string }
  | { kind: 'node'; key: string; milestone: Milestone; line: string }
  | { kind: 'case'; incident: IncidentRow; line: string }

export function hintsOf(
  text: string,
  units: readonly UnitRow[],
  incidents: readonly IncidentRow[],
): Hint[] {
  const [verb = '', first, second] = text.replace(/^\//, '').split(/\s+/)
  if (first === undefined) {
    return VERBS.filter((known) => known.startsWith(verb)).map((known) => ({
      kind: 'verb',
      verb: known,
      line: `/${known} `,
    }))
  }
  if (verb === 'c') {
    return incidents
      .filter((i) => i.state === 'open' && (i.number.split('-').at(-1) ?? '').includes(first))
      .map((incident) => ({
        kind: 'case',
        incident,
        line: `/c ${incident.number.split('-').at(-1)}`,
      }))
  }
  if (verb === 's' && second !== undefined) {
    return Object.entries(NODE_KEYS)
      .filter(([key]) => key.startsWith(second.toLowerCase()))
      .map(([key, milestone]) => ({ kind: 'node', key, milestone, line: `/s ${first} ${key}` }))
  }
  if (verb !== 's' && verb !== 'u' && verb !== 'p') return []
  const fits = (unit: UnitRow) =>
    verb === 's' ? unit.mission_id !== '' : verb === 'p' ? unit.state === 'ready' : true
  return units
    .filter((unit) => fits(unit) && unit.call_sign.toLowerCase().includes(first.toLowerCase()))
    .map((unit) => ({
      kind: 'unit',
      unit,
      line: `/${verb} ${unit.call_sign}${verb === 's' ? ' ' : ''}`,
    }))
}
