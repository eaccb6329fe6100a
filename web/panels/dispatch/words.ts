/** Content speaks both languages; these give the reader's. */
import type {
  Answer,
  Bilingual,
  Content,
  IncidentRow,
  QuestionContent,
  WantedRow,
} from '@gh/contract'
import { getLang, t, tOr } from '@gh/i18n'
import { ageSaid } from '../care/age.ts'
import { topicOf } from './model.ts'

export const say = (text: Bilingual | undefined): string =>
  text === undefined ? '' : getLang() === 'en' ? text.en : text.zh

/** Whose an alert is: everybody's, a role's, a whole centre's or a seat's. */
export const ownerText = (owner: string): string =>
  owner.startsWith('@')
    ? t('alert_owner.centre')
    : tOr(`alert_owner.${owner || 'all'}`, t('app.seat', { seat: owner }))

export const topicText = (content: Content | undefined, topic: string): string =>
  topic === ''
    ? t('case.no_topic')
    : content === undefined
      ? topic
      : say(topicOf(content, topic)) || topic

/** What a case is about: its complaint, or the occasion of a standby. */
export const caseText = (content: Content | undefined, incident: IncidentRow): string =>
  incident.standby?.occasion ?? topicText(content, incident.topic)

export const markText = (content: Content | undefined, id: string): string =>
  say(content?.marks.marks.find((mark) => mark.id === id)) || id

/** An answer as people read it. */
export function answerText(question: QuestionContent, answer: Answer): string {
  if (answer === null || answer === 'unknown') return t('protocol.unknown')
  if (typeof answer === 'boolean') return t(answer ? 'ui.yes' : 'ui.no')
  if (Array.isArray(answer)) {
    if (answer.length === 0) return t('protocol.none_of_these')
    return answer
      .map((id) => say(question.options?.find((option) => option.id === id)) || id)
      .join(t('ui.comma'))
  }
  if (question.kind === 'age') {
    return ageSaid(Number(answer))
  }
  if (question.kind === 'duration') return t('protocol.minutes', { n: String(answer) })
  return say(question.options?.find((option) => option.id === answer)) || String(answer)
}

/** "男 62 岁" from the entry answers, as far as they are known. */
export function personText(incident: IncidentRow): string {
  const { sex, age_y: age } = incident.answers.entry ?? {}
  const parts: string[] = []
  if (sex === 'male' || sex === 'female') parts.push(t(`sex.${sex}`))
  if (typeof age === 'number') {
    parts.push(ageSaid(age))
  }
  return parts.join(' ')
}

/** Who else is told, and whether units wait for them. */
export function othersText({ others, staged }: WantedRow): string {
  const who = others.map((one) => t(`service.${one}`)).join(t('ui.comma'))
  const told = t('wanted.others', { who })
  return staged ? `${told}${t('ui.comma')}${t('wanted.staged', { who })}` : told
}
