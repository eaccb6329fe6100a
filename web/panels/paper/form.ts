/** A paper form as it is typed: texts in, the command out, or what is still wrong. Pure. */
import {
  type Command,
  clear,
  type DispatchLevel,
  MILESTONES,
  type Milestone,
  type Point,
} from '@gh/contract'

const DAY_MS = 86_400_000
/** A time so much before the call belongs to the night after it. */
const NEXT_DAY_MS = DAY_MS / 2
const MOST_AGE_Y = 150

export interface Typed {
  paper_number: string
  /** YYYY-MM-DD, of the call. */
  day: string
  called: string
  number: string
  address: string
  point: Point | null
  topic: string
  level: DispatchLevel | ''
  unit_id: string
  assigned: string
  times: Partial<Record<Milestone, string>>
  stood_down: string
  hospital_id: string
  name: string
  age: string
  sex: 'male' | 'female' | 'unknown'
  reason: string
  note: string
}

export const EMPTY: Typed = {
  paper_number: '',
  day: '',
  called: '',
  number: '',
  address: '',
  point: null,
  topic: '',
  level: '',
  unit_id: '',
  assigned: '',
  times: {},
  stood_down: '',
  hospital_id: '',
  name: '',
  age: '',
  sex: 'unknown',
  reason: '',
  note: '',
}

/** "1510", "15:10" or "15:10:30" of that day in Shanghai; null: no time. */
export function timeOn(day: string, text: string): number | null {
  const match = /^(\d{1,2}):?(\d{2})(?::?(\d{2}))?$/.exec(text.trim())
  if (match === null) return null
  const [h, m, s] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
  if (h > 23 || m > 59 || s > 59) return null
  const midnight = Date.parse(`${day}T00:00:00+08:00`)
  return Number.isNaN(midnight) ? null : midnight + ((h * 60 + m) * 60 + s) * 1000
}

/** The same after the call: a run that ends in the small hours ends on the next day. */
function timeAfter(typed: Typed, text: string, called_ms: number): number | null {
  const at_ms = timeOn(typed.day, text)
  if (at_ms === null) return null
  return called_ms - at_ms > NEXT_DAY_MS ? at_ms + DAY_MS : at_ms
}

/** Null: no age. As the server takes it. */
function ageOf(text: string): number | null {
  const age = text.trim() === '' ? Number.NaN : Number(text)
  return age >= 0 && age <= MOST_AGE_Y ? age : null
}

/** Names of fields whose text is no time, or no age. */
export function unreadable(typed: Typed): string[] {
  const given = [['called', typed.called], ['assigned', typed.assigned], ...milestoneTexts(typed)]
  const times = given
    .filter(([, text]) => text?.trim() !== '' && timeOn(typed.day, text ?? '') === null)
    .map(([name]) => name ?? '')
  const noAge = typed.age.trim() !== '' && ageOf(typed.age) === null
  return noAge ? [...times, 'age'] : times
}

const milestoneTexts = (typed: Typed): [Milestone, string][] =>
  MILESTONES.map((name): [Milestone, string] => [name, typed.times[name] ?? '']).filter(
    ([, text]) => text.trim() !== '',
  )

/** What must be written before it can be entered; field names. */
export function missing(typed: Typed): string[] {
  const run = typed.unit_id !== ''
  return [
    ...(typed.paper_number.trim() === '' ? ['paper_number'] : []),
    ...(typed.day === '' ? ['day'] : []),
    ...(typed.called.trim() === '' ? ['called'] : []),
    ...(run && typed.assigned.trim() === '' ? ['assigned'] : []),
    ...(run && typed.stood_down === '' && !typed.times.cleared?.trim() ? ['cleared'] : []),
    ...(typed.reason.trim() === '' ? ['reason'] : []),
  ]
}

const personal = (text: string) => (text.trim() === '' ? null : clear(text.trim()))

/** Null while something is missing or no time. `newId` makes the ids of the case's streams. */
export function commandOf(typed: Typed, newId: () => string): Command | null {
  const called_ms = timeOn(typed.day, typed.called)
  if (called_ms === null || missing(typed).length > 0 || unreadable(typed).length > 0) return null
  const run = typed.unit_id !== ''
  const times: Partial<Record<Milestone, number>> = {}
  for (const [name, text] of run ? milestoneTexts(typed) : []) {
    const at_ms = timeAfter(typed, text, called_ms)
    if (at_ms !== null) times[name] = at_ms
  }
  const treated = run && (typed.name.trim() !== '' || typed.age.trim() !== '')
  // An address that the index does not know has no point, and is kept as words.
  const words = typed.point === null ? typed.address.trim() : ''
  return {
    kind: 'incident.enter_paper',
    incident_id: newId(),
    call_id: newId(),
    paper_number: typed.paper_number.trim(),
    called_ms,
    reason: typed.reason.trim(),
    number: personal(typed.number),
    location:
      typed.point === null
        ? null
        : clear(JSON.stringify({ label: typed.address.trim(), ...typed.point })),
    note: personal([words, typed.note.trim()].filter(Boolean).join(' · ')),
    topic: typed.topic,
    level: typed.level === '' ? null : typed.level,
    mission_id: run ? newId() : '',
    unit_id: typed.unit_id,
    assigned_ms: run ? timeAfter(typed, typed.assigned, called_ms) : null,
    times,
    stood_down: run ? typed.stood_down : '',
    hospital_id: run ? typed.hospital_id : '',
    patient_id: treated ? newId() : '',
    name: treated ? personal(typed.name) : null,
    age_y: treated ? ageOf(typed.age) : null,
    sex: typed.sex,
  }
}

/** "P-000123" -> "P-000124"; '' where it ends with no number. */
export function nextNumber(number: string): string {
  const match = /^(.*?)(\d+)$/.exec(number.trim())
  if (match === null) return ''
  const [, head = '', digits = ''] = match
  return `${head}${String(Number(digits) + 1).padStart(digits.length, '0')}`
}

/** The numbers of a pad of blank forms. */
export function listNumbers(first: string, count: number): string[] {
  const found = first.trim() === '' ? [] : [first.trim()]
  while (found.length > 0 && found.length < count) {
    const next = nextNumber(found.at(-1) ?? '')
    if (next === '') break
    found.push(next)
  }
  return found
}
