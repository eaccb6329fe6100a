/** The answers given, and the one question that is asked now. */
import {
  type Answer,
  type Content,
  get,
  type IncidentRow,
  type LevelIfAnswer,
  type QuestionContent,
  query,
} from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { Button, Elapsed, Empty, KeyCap, LevelBadge, Refused, useHotkeys } from '@gh/ui'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Topics, Typed } from './answers.tsx'
import { isOpenHere } from './copy-note.tsx'
import { answersOf, findQuestion } from './model.ts'
import { answerText, markText, say, topicText } from './words.ts'

interface AskingProps {
  content: Content
  incident: IncidentRow
  /** A question that was answered before and is asked again. */
  again: string
  setAgain: (id: string) => void
}

export function Asking({ content, incident, again, setAgain }: AskingProps) {
  const { send, busy, refusal, dismiss } = useSend()
  const given = answersOf(content, incident)
  const next = again || incident.next_questions[0] || ''
  const asked = findQuestion(content, incident.topic, next)
  const open = isOpenHere(incident)
  const history = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer scrolls the list to it
  useEffect(() => {
    // With the next frame, which lays the screen out anyway.
    const frame = requestAnimationFrame(() =>
      history.current?.scrollTo({ top: history.current.scrollHeight }),
    )
    return () => cancelAnimationFrame(frame)
  }, [given.length])

  async function answer(value: Answer): Promise<void> {
    if (asked === undefined) return
    const done =
      asked.question.kind === 'topic' && typeof value === 'string'
        ? await send({ kind: 'incident.set_complaint', incident_id: incident.id, topic: value })
        : await send({
            kind: 'incident.answer',
            incident_id: incident.id,
            card: asked.card,
            question: asked.question.id,
            answer: value,
          })
    if (done) setAgain('')
  }
  return (
    <>
      <div className="hist" ref={history}>
        {incident.topic ? (
          <button type="button" onClick={() => setAgain('complaint')} disabled={!open}>
            <span>{t('protocol.complaint')}</span>
            <b>{topicText(content, incident.topic)}</b>
            <i>{t('protocol.change')}</i>
          </button>
        ) : null}
        {given.map(({ card, question, answer: value }) => (
          <button
            type="button"
            key={`${card}.${question.id}`}
            onClick={() => setAgain(question.id)}
            disabled={!open}
            title={say(question)}
            data-testid={`answered-${question.id}`}
          >
            <span className="gh-ell">{say(question)}</span>
            <b className={value === null ? 'gh-warnt' : ''}>{answerText(question, value)}</b>
            <i>{t('protocol.change')}</i>
          </button>
        ))}
        {given.length === 0 && !incident.topic ? (
          <span className="gh-m">{t('protocol.no_answers')}</span>
        ) : null}
      </div>
      {asked && open ? (
        <Question
          key={`${asked.card}.${asked.question.id}`}
          incidentId={incident.id}
          content={content}
          question={asked.question}
          located={incident.location !== null}
          busy={busy}
          onAnswer={(value) => void answer(value)}
          {...(again === '' ? {} : { onBack: () => setAgain('') })}
        />
      ) : (
        <div className="qdone">
          <Empty
            title={
              incident.node
                ? t('node.case_of', { node: incident.node })
                : t(open ? 'protocol.done' : 'protocol.closed')
            }
            hint={incident.flags.map((flag) => markText(content, flag)).join(' · ')}
          />
        </div>
      )}
      <Refused refusal={refusal} dismiss={dismiss} />
    </>
  )
}

interface QuestionProps {
  incidentId: string
  content: Content
  question: QuestionContent
  located: boolean
  busy: boolean
  onAnswer: (answer: Answer) => void
  onBack?: () => void
}

function Question(props: QuestionProps) {
  const { content, question, located, busy, onAnswer, onBack } = props
  const [opened] = useState(() => Date.now())
  const [some, setSome] = useState<string[]>([])
  const options = question.options ?? []
  const levels = useLevelsIf(props.incidentId, question.id)
  const toggle = (id: string) =>
    setSome((now) => (now.includes(id) ? now.filter((x) => x !== id) : [...now, id]))

  const keys: Record<string, () => void> = {}
  if (question.kind !== 'topic') keys['0'] = () => onAnswer(null)
  if (question.kind === 'bool') {
    keys['1'] = () => onAnswer(true)
    keys['2'] = () => onAnswer(false)
  }
  for (const option of options) {
    keys[String(option.key)] = () =>
      question.kind === 'many' ? toggle(option.id) : onAnswer(option.id)
  }
  if (question.kind === 'many') keys.Enter = () => onAnswer(some)
  if (onBack) keys.Escape = onBack
  useHotkeys(keys, !busy)

  return (
    <>
      <p className="q" data-testid={`question-${question.id}`}>
        “{say(question)}”
        <small>
          {t('protocol.this_question')} <Elapsed since_ms={opened} />
          {onBack ? (
            <Button look="quiet" keycap="Esc" onClick={onBack}>
              {t('ui.back')}
            </Button>
          ) : null}
        </small>
      </p>
      {question.kind === 'topic' ? (
        <Topics content={content} located={located} onAnswer={onAnswer} />
      ) : ['int', 'age', 'duration', 'text'].includes(question.kind) ? (
        <Typed question={question} located={located} busy={busy} onAnswer={onAnswer} />
      ) : (
        <div className="ans">
          {question.kind === 'bool'
            ? [true, false].map((value) => (
                <button
                  type="button"
                  key={String(value)}
                  disabled={busy}
                  onClick={() => onAnswer(value)}
                  data-testid={value ? 'answer-yes' : 'answer-no'}
                >
                  <KeyCap>{value ? '1' : '2'}</KeyCap>
                  <span>{t(value ? 'ui.yes' : 'ui.no')}</span>
                  <LevelIf level={levels.get(String(value))} />
                </button>
              ))
            : options.map((option) => (
                <button
                  type="button"
                  key={option.id}
                  disabled={busy}
                  aria-pressed={question.kind === 'many' ? some.includes(option.id) : undefined}
                  className={some.includes(option.id) ? 'on' : ''}
                  onClick={() =>
                    question.kind === 'many' ? toggle(option.id) : onAnswer(option.id)
                  }
                  data-testid={`answer-${option.id}`}
                >
                  <KeyCap>{option.key}</KeyCap>
                  <span>
                    {question.kind === 'many' ? (some.includes(option.id) ? '☑ ' : '☐ ') : ''}
                    {say(option)}
                  </span>
                  <LevelIf level={levels.get(option.id)} />
                </button>
              ))}
          <button
            type="button"
            className="x"
            disabled={busy}
            onClick={() => onAnswer(null)}
            data-testid="answer-unknown"
          >
            <KeyCap>0</KeyCap>
            <span>{t('protocol.unknown')}</span>
          </button>
          {question.kind === 'many' ? (
            <button
              type="button"
              className="go"
              disabled={busy}
              onClick={() => onAnswer(some)}
              data-testid="answer-confirm"
            >
              <KeyCap>↵</KeyCap>
              <span>
                {some.length === 0
                  ? t('protocol.none_of_these')
                  : t('protocol.confirm_n', { n: some.length })}
              </span>
            </button>
          ) : null}
        </div>
      )}
    </>
  )
}

/** What each answer would make of the case, as the server evaluates it; an aid, never a condition. */
function useLevelsIf(incident_id: string, question: string): ReadonlyMap<string, string> {
  const found = useQuery({
    queryKey: ['levels-if', incident_id, question],
    queryFn: () => get<LevelIfAnswer[]>(query('/api/levels/if', { incident_id, question })),
    retry: false,
  })
  return new Map((found.data ?? []).map((one) => [one.answer, one.level]))
}

function LevelIf({ level }: { level: string | undefined }) {
  return level ? <LevelBadge level={level} /> : <span />
}
