/** Words of the clinical content (topics, questions, options), in the language of the screen. */
import type { Answer, IncidentRow } from '@gh/contract'
import { t, tOr, useLang } from '@gh/i18n'
import { useGet } from './query.ts'

type Words = { zh: string; en: string }
type Named = Words & { id: string }
type Question = Named & { kind: string; options?: (Named & { key: number })[] }
type Sheet = { about?: { title?: Words }; questions: Question[] }
/** What these panels read of `GET /api/content`. */
type Content = {
  entry: Sheet
  topics: { topics: Named[] } | Named[]
  cards: Record<string, Sheet>
  marks?: { marks: Named[] } | Named[]
}

export type Lexicon = {
  topic: (id: string) => string
  answers: (incident: IncidentRow) => Said[]
  /** A word of the protocol about the case, for example that the patient takes anticoagulants. */
  flag: (id: string) => string
}
/** A question with its answer; `unknown` is an answer of its own and never hidden. */
export type Said = { id: string; question: string; answer: string; unknown: boolean }

const UNKNOWN = 'unknown'

function answerText(question: Question | undefined, answer: Answer, zh: boolean): string {
  if (answer === null || answer === UNKNOWN) return t('ui.unknown')
  if (typeof answer === 'boolean') return t(answer ? 'ui.yes' : 'ui.no')
  if (typeof answer === 'number') return String(answer)
  const many: readonly string[] = Array.isArray(answer) ? answer : [answer]
  if (many.length === 0) return t('care.none_of_these')
  return many
    .map((id) => {
      const option = question?.options?.find((o) => o.id === id)
      return option === undefined ? id : zh ? option.zh : option.en
    })
    .join(zh ? '、' : ', ')
}

/** Short heads for the questions of every call; a crew reads them at a glance. */
const SHORT = new Set([
  'with_patient',
  'count',
  'age_y',
  'sex',
  'conscious',
  'breathing_normal',
  'massive_bleed',
  'scene_hazards',
])
/** Shown elsewhere on the task: place, number, complaint. */
const ELSEWHERE = new Set(['location', 'callback', 'complaint', 'what'])

function listOf<K extends string>(given: Named[] | Record<K, Named[]>, key: K): Named[] {
  return Array.isArray(given) ? given : (given[key] ?? [])
}

export function useLexicon(): Lexicon {
  const zh = useLang().lang === 'zh-CN'
  const content = useGet<Content>('/api/content', { stale_ms: 3_600_000 }).data
  const topics = content === undefined ? [] : listOf(content.topics, 'topics')
  const marks = content?.marks === undefined ? [] : listOf(content.marks, 'marks')
  return {
    flag: (id) => {
      const found = marks.find((x) => x.id === id)
      return found === undefined ? tOr(`flag.${id}`, id) : zh ? found.zh : found.en
    },
    topic: (id) => {
      if (id === '') return t('care.topic_unknown')
      const found = topics.find((x) => x.id === id)
      return found === undefined ? id : zh ? found.zh : found.en
    },
    answers: (incident) =>
      Object.entries(incident.answers).flatMap(([card, given]) => {
        const sheet = card === 'entry' ? content?.entry : content?.cards[card]
        return Object.entries(given)
          .filter(([id]) => !ELSEWHERE.has(id))
          .map(([id, answer]) => {
            const question = sheet?.questions.find((q) => q.id === id)
            const long = question === undefined ? id : zh ? question.zh : question.en
            return {
              id: `${card}.${id}`,
              question: SHORT.has(id) ? t(`care.q.${id}`) : long,
              answer: answerText(question, answer, zh),
              unknown: answer === null || answer === UNKNOWN,
            }
          })
      }),
  }
}
