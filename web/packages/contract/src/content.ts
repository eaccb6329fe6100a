import type { FileKind, Limits } from './generated.ts'

/** Clinical content as `GET /api/content` gives it: the TypeScript of the files in `content/`. */
export interface Bilingual {
  zh: string
  en: string
}

export interface About {
  id: string
  version: number | string
  title: Bilingual
  sources: string[]
  sign_off: string
}

export interface OptionContent extends Bilingual {
  id: string
  key: number
}

export type QuestionKind =
  | 'text'
  | 'topic'
  | 'bool'
  | 'int'
  | 'age'
  | 'choice'
  | 'many'
  | 'duration'
  | (string & {})

export interface QuestionContent extends Bilingual {
  id: string
  kind: QuestionKind
  options?: OptionContent[]
}

export interface RuleContent {
  id: string
  when: string
  level?: string | null
  plan?: string[]
  flags?: string[]
  scripts?: string[]
}

export interface ScriptContent {
  id: string
  title: Bilingual
  when?: string
  enabled?: boolean
  steps: Bilingual[]
}

export interface CardContent {
  about: About
  questions: QuestionContent[]
  rows: RuleContent[]
  scripts?: ScriptContent[]
}

export interface TopicContent extends Bilingual {
  id: string
  /** The card that serves it; absent: not yet written, the fallback card serves. */
  card?: string | null
}

export interface LevelContent {
  level: string
  name: Bilingual
  meaning: Bilingual
  response: Bilingual
  assign_within_s?: number | null
  unit_kinds: string[]
  crews: number
}

export interface TcprContent {
  about: About
  metronome: { rate_per_min: number; lowest_per_min: number; highest_per_min: number }
  groups: {
    script: string
    depth_cm: Bilingual
    hands: Bilingual
    offer_breaths: boolean
    compressions: number
    breaths: number
  }[]
  goals: { id: string; title: Bilingual; minimum_s: number; high_performing_s: number }[]
  stop_only_if: Bilingual[]
  do_not_start_if: Bilingual[]
  scripts: ScriptContent[]
}

export interface ChoiceContent extends Bilingual {
  id: string
}

export type FieldKind = 'flag' | 'choice' | 'choices' | 'number' | 'text' | 'time'

export interface FieldContent extends Bilingual {
  id: string
  kind: FieldKind
  choices?: ChoiceContent[]
  /** Other words than the listed ones are allowed. */
  open?: boolean
  unit?: string
  low?: number | null
  high?: number | null
  /** What helps to find the value: `burns`, the surface by regions of the body. */
  helper?: string
  /** Minutes from a moment until now: what was written grows with the clock. */
  since?: boolean
  required?: boolean
  required_when?: string
}

export interface PaperFormContent {
  id: string
  version: number
  title: Bilingual
  text: Bilingual
  decisions: ChoiceContent[]
  relations: string[]
  witness?: boolean
  /** Decisions that mean nothing without details. */
  details_for?: string[]
  /** Fields of the record that are asked with it. */
  fields?: string[]
}

/** Why a run had nobody to treat; `signed`: whoever decided so signs too. */
export interface UntreatedContent {
  id: string
  title: Bilingual
  text: Bilingual
  signed?: boolean
}

export interface RecordContent {
  about: About
  /** How people are called whose names nobody knows. */
  unknown: { letters: string }
  routes: ChoiceContent[]
  units: string[]
  procedures: ChoiceContent[]
  regions: (ChoiceContent & { side: 'front' | 'back' })[]
  sections: { id: string; title: Bilingual; fields: FieldContent[] }[]
  forms: PaperFormContent[]
  nobody_treated?: UntreatedContent[]
}

export interface FormularyContent {
  about: About
  drugs: { id: string; name: Bilingual; classes?: string[] }[]
  doses?: { id: string; drug: string; route: string; indication: Bilingual; unit: string }[]
  interactions?: { id: string; drug: string; reason: Bilingual }[]
}

type Worded = Bilingual & { id: string }

export interface PortraitContent {
  about: About
  regions: Worded[]
  rules: Worded[]
  allergens: Worded[]
  infections: Worded[]
  ppe: Worded[]
  medicines: Worded[]
  directives: Worded[]
  devices: Worded[]
}

export interface BandContent {
  id: string
  title: Bilingual
}

type Clash = Bilingual & { id: string }

export interface ScoreContent {
  about: About
  bands: BandContent[]
  contradictions?: Clash[]
}

export interface SheetContent {
  about: About
  sections: (Bilingual & { id: string; items?: FieldContent[] })[]
  levels: (Bilingual & { id: string; level: string })[]
  actions: (Bilingual & { id: string; who?: string })[]
  needs?: (Bilingual & { id: string; capabilities?: string[]; conditions?: string[] })[]
  responses?: (Bilingual & { id: string; level: string })[]
  contradictions?: Clash[]
}

export interface EcgContent {
  about: About
  /** The leads of a standard ECG, in their order on paper. */
  standard: string[]
  confounders: Record<string, Bilingual>
  not_assessed: Record<string, Bilingual>
  cautions: Record<string, Bilingual>
  prompts: Record<string, { leads: string[]; text: Bilingual }>
  /** Where a crew may put electrodes: by the plug's lead the lead that it then is. */
  placements: Record<string, { leads: Record<string, string>; title: Bilingual }>
}

export interface ShiftCheckContent {
  about: About
  every_h: number
  early_min: number
  sections: { id: string; title: Bilingual; items: CheckItemContent[] }[]
}

export interface CheckItemContent extends Bilingual {
  id: string
  kind: 'yes_no' | 'number'
  /** As the dispatcher reads it. */
  defect: Bilingual
  unit: string
  least: number
  most: number
  /** Where a number becomes a defect. */
  low: number | null
  high: number | null
}

/** What the crew may capture: one row a kind. */
export interface FileRuleContent {
  kind: FileKind
  media_types: string[]
  max_bytes: number
  most: number
  max_s: number | null
  max_px: number | null
}

export interface GcsChoiceContent extends Bilingual {
  points: number
  infant_zh: string
  infant_en: string
}

export interface GcsContent {
  eye: GcsChoiceContent[]
  verbal: GcsChoiceContent[]
  motor: GcsChoiceContent[]
  /** Younger than this speech has other words. */
  infant_below_y: number
}

export interface Content {
  levels: { about: About; dispatch: LevelContent[] }
  entry: CardContent
  topics: { about: About; fallback: string; topics: TopicContent[] }
  cards: Record<string, CardContent>
  tcpr: TcprContent
  files: { kinds: FileRuleContent[] }
  limits: Limits
  record: RecordContent
  formulary: FormularyContent
  portrait: PortraitContent
  sheets: SheetContent[]
  scores: Record<string, ScoreContent>
  /** What several scores and sheets ask. */
  gcs: GcsContent
  inputs: { items: FieldContent[] }
  ecg: EcgContent
  shift_check: ShiftCheckContent
  /** The words of plans and flags. */
  marks: { marks: (Bilingual & { id: string })[] }
}
