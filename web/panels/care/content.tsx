/** Words of the clinical content (topics, questions, options), in the language of the screen. */
import type { Content, IncidentRow } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { useContent } from '@gh/live'
import { answerText, markText, topicText } from '../dispatch/words.ts'

export type Lexicon = {
  topic: (id: string) => string
  /** What a case is about: its complaint, or the occasion of a standby. */
  about: (incident: IncidentRow) => string
  answers: (incident: IncidentRow) => Said[]
  /** A word of the protocol about the case, for example that the patient takes anticoagulants. */
  flag: (id: string) => string
}
/** A question with its answer; `unknown` is an answer of its own and never hidden. */
export type Said = { id: string; question: string; answer: string; unknown: boolean }

const UNKNOWN = 'unknown'

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

export const useContentWords = (): Content | undefined => useContent()

const topicName = (content: Content | undefined, id: string): string =>
  id === '' ? t('care.topic_unknown') : topicText(content, id)

export function useLexicon(): Lexicon {
  const zh = useLang().lang === 'zh-CN'
  const content = useContentWords()
  return {
    flag: (id) => markText(content, id),
    topic: (id) => topicName(content, id),
    about: (incident) => incident.standby?.occasion ?? topicName(content, incident.topic),
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
              answer: question === undefined ? String(answer ?? '') : answerText(question, answer),
              unknown: answer === null || answer === UNKNOWN,
            }
          })
      }),
  }
}
