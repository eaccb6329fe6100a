import {
  type Answer,
  type Content,
  DISPATCH_LEVELS,
  type DispatchLevel,
  type IncidentRow,
  type QuestionContent,
} from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import {
  Button,
  Dialog,
  Elapsed,
  Empty,
  ErrorNote,
  isTyping,
  KeyCap,
  LevelBadge,
  Refused,
  Skeleton,
  useHotkeys,
} from '@gh/ui'
import { useEffect, useRef, useState } from 'react'
import { useContent, useDesk, useDispatch } from './desk.tsx'
import { Guidance } from './guidance.tsx'
import {
  answersOf,
  cardOf,
  filterTopics,
  findQuestion,
  findScript,
  isTcpr,
  parseAge,
  parseMinutes,
} from './model.ts'
import { answerText, markText, say, topicText } from './words.ts'

/** One question per screen, answered by a digit; the level and "send now" always below. */
export function Protocol() {
  const desk = useDesk()
  const content = useContent()
  const { incident } = desk
  const [tab, setTab] = useState<'ask' | 'guide'>('ask')
  const [again, setAgain] = useState('')
  const script = incident?.scripts.find((id) => content.data && findScript(content.data, id))

  // An arrest interrupts: the first words to the caller matter more than the next question.
  const arrest = incident?.scripts.some(isTcpr) ?? false
  const shownFor = useRef('')
  const caseId = incident?.id ?? ''
  useEffect(() => {
    if (arrest && shownFor.current !== caseId) {
      shownFor.current = caseId
      setTab('guide')
    }
  }, [arrest, caseId])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another case begins at its question
  useEffect(() => {
    setAgain('')
    if (!arrest) setTab('ask')
  }, [caseId])

  useHotkeys({ p: () => setTab((now) => (now === 'ask' ? 'guide' : 'ask')) }, script !== undefined)

  if (content.isError) {
    return (
      <section className="gh-panel proto">
        <ErrorNote
          what={t('protocol.failed')}
          works={t('protocol.failed_works')}
          retry={() => void content.refetch()}
        />
      </section>
    )
  }
  const open = incident?.state === 'open'
  const first = incident?.answers.entry && Object.keys(incident.answers.entry).length > 0
  return (
    <section className="gh-panel proto" aria-label={t('protocol.title')} data-testid="protocol">
      <div className="gh-ph">
        <h2>
          {tab === 'ask' ? t('protocol.title') : t('guidance.title')}
          {incident?.topic ? ` · ${topicText(content.data, incident.topic)}` : ''}
        </h2>
        {content.data && incident?.topic ? (
          <span className="gh-m gh-s">
            v{cardOf(content.data, incident.topic)?.about.version ?? ''}
          </span>
        ) : null}
        <span className="gh-sp" />
        {script ? (
          <>
            <Button on={tab === 'ask'} onClick={() => setTab('ask')} data-testid="tab-ask">
              {t('protocol.ask')}
            </Button>
            <Button
              on={tab === 'guide'}
              keycap="P"
              onClick={() => setTab('guide')}
              data-testid="tab-guide"
            >
              {t('guidance.title')}
            </Button>
          </>
        ) : null}
        {first && open ? (
          <span className="gh-s gh-m">
            {t('protocol.open_questions', { n: incident?.next_questions.length ?? 0 })}
          </span>
        ) : null}
      </div>
      {content.data === undefined ? (
        <Skeleton rows={6} />
      ) : incident === undefined ? (
        desk.call ? (
          <Empty title={t('protocol.before')} hint={t('protocol.before_hint')} />
        ) : (
          <Empty title={t('protocol.empty')} />
        )
      ) : tab === 'guide' && script ? (
        <Guidance content={content.data} incident={incident} />
      ) : (
        <Asking
          key={incident.id}
          content={content.data}
          incident={incident}
          again={again}
          setAgain={setAgain}
        />
      )}
      {incident && content.data ? <LevelBar incident={incident} content={content.data} /> : null}
    </section>
  )
}

interface AskingProps {
  content: Content
  incident: IncidentRow
  /** A question that was answered before and is asked again. */
  again: string
  setAgain: (id: string) => void
}

function Asking({ content, incident, again, setAgain }: AskingProps) {
  const { send, busy, refusal, dismiss } = useSend()
  const given = answersOf(content, incident)
  const next = again || incident.next_questions[0] || ''
  const asked = findQuestion(content, incident.topic, next)
  const open = incident.state === 'open'
  const history = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer scrolls the list to it
  useEffect(() => {
    history.current?.scrollTo({ top: history.current.scrollHeight })
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
            title={t(open ? 'protocol.done' : 'protocol.closed')}
            hint={incident.flags.map((flag) => markText(content, flag)).join(' · ')}
          />
        </div>
      )}
      <Refused refusal={refusal} dismiss={dismiss} />
    </>
  )
}

interface QuestionProps {
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

function Typed({
  question,
  located,
  busy,
  onAnswer,
}: {
  question: QuestionContent
  located: boolean
  busy: boolean
  onAnswer: (answer: Answer) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (located && !isTyping()) input.current?.focus()
  }, [located])
  const [text, setText] = useState('')
  const value: Answer =
    question.kind === 'age'
      ? parseAge(text)
      : question.kind === 'duration'
        ? parseMinutes(text)
        : question.kind === 'int'
          ? /^\d{1,4}$/.test(text.trim())
            ? Number(text)
            : null
          : text.trim() || null
  return (
    <form
      className="typed"
      onSubmit={(event) => {
        event.preventDefault()
        if (value !== null) onAnswer(value)
      }}
    >
      <input
        className="gh-input big"
        ref={input}
        value={text}
        placeholder={t(`protocol.hint_${question.kind}`)}
        onChange={(event) => setText(event.target.value)}
        data-testid="answer-input"
      />
      {value === null ? (
        <span className="gh-m">{text === '' ? '' : t('protocol.not_understood')}</span>
      ) : (
        <Button submit look="primary" keycap="↵" busy={busy} data-testid="answer-go">
          {question.kind === 'text' ? t('ui.confirm') : answerText(question, value)}
        </Button>
      )}
      <Button onClick={() => onAnswer(null)} data-testid="answer-unknown">
        {t('protocol.unknown')}
      </Button>
    </form>
  )
}

interface TopicsProps {
  content: Content
  /** The place is known; before that the keyboard belongs to the address. */
  located: boolean
  onAnswer: (answer: Answer) => void
}

function Topics({ content, located, onAnswer }: TopicsProps) {
  const [text, setText] = useState('')
  const filter = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (located && !isTyping()) filter.current?.focus()
  }, [located])
  const found = filterTopics(content.topics.topics, text)
  return (
    <div className="topics">
      <input
        className="gh-input"
        ref={filter}
        placeholder={t('protocol.filter')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
          event.preventDefault()
          const [first] = found
          if (first && text.trim() !== '') onAnswer(first.id)
        }}
        data-testid="topic-filter"
      />
      <div className="grid">
        {found.map((topic, i) => (
          <button
            type="button"
            key={topic.id}
            onClick={() => onAnswer(topic.id)}
            data-testid={`topic-${topic.id}`}
            title={topic.card ? '' : t('protocol.no_card')}
          >
            <span className="gh-ell">{say(topic)}</span>
            {i === 0 && text.trim() !== '' ? <KeyCap>↵</KeyCap> : null}
          </button>
        ))}
        {found.length === 0 ? <span className="gh-m">{t('protocol.no_topic')}</span> : null}
      </div>
    </div>
  )
}

/** The level, why, and the button that sends a unit. */
function LevelBar({ incident, content }: { incident: IncidentRow; content: Content }) {
  const [overriding, setOverriding] = useState(false)
  const { assign, busy, refusal, dismiss, recommendation } = useDispatch()
  const best = recommendation.data?.ranked[0]
  const open = incident.state === 'open'
  const waiting = open && incident.dispatched_ms === null
  const ready = waiting && incident.dispatchable && best !== undefined
  useHotkeys({ F6: () => best && void assign(best.unit_id) }, ready && !busy)
  const level = content.levels.dispatch.find((item) => item.level === incident.level)
  const missing = [
    incident.location === null ? t('dispatch.need_location') : '',
    incident.answers.entry?.breathing_normal === undefined ? t('dispatch.need_breathing') : '',
  ].filter(Boolean)
  return (
    <div className="disp">
      <div className="lvnow">
        <button
          type="button"
          onClick={() => open && setOverriding(true)}
          title={t('level.override')}
          data-testid="level"
          data-level={incident.level}
        >
          <LevelBadge level={incident.level} size="huge" />
        </button>
        <div>
          <p>
            <b>{level ? say(level.name) : t('level.unknown')}</b>{' '}
            <span className="gh-m gh-s">
              {incident.level_overridden
                ? t('level.overridden')
                : incident.level_complete
                  ? t('level.final')
                  : t('level.so_far')}
            </span>
          </p>
          <p className="gh-m gh-s gh-ell">
            {incident.level_possible &&
            incident.level_possible < incident.level &&
            !incident.level_complete
              ? t('level.possible', { level: incident.level_possible })
              : level
                ? say(level.response)
                : t('level.unknown_hint')}
          </p>
          <p className="gh-s gh-ell gh-warnt">
            {incident.flags.map((flag) => markText(content, flag)).join(' · ')}
          </p>
        </div>
      </div>
      {waiting ? (
        incident.dispatchable ? (
          best ? (
            <Button
              look="primary"
              className="sendnow"
              busy={busy}
              onClick={() => void assign(best.unit_id)}
              data-testid="dispatch"
            >
              <span>{t('dispatch.now')}</span>
              <KeyCap>F6</KeyCap>
              <small>{t('dispatch.best', { unit: best.call_sign })}</small>
            </Button>
          ) : (
            <span className="need">
              {t(recommendation.isPending ? 'dispatch.computing' : 'dispatch.no_unit')}
            </span>
          )
        ) : (
          <span className="need" data-testid="not-dispatchable">
            {t('dispatch.need', { what: missing.join(t('ui.comma')) })}
          </span>
        )
      ) : (
        <span className="need">
          {t(open ? 'dispatch.done' : 'state.closed')}
          {open ? <Elapsed since_ms={incident.dispatched_ms ?? incident.opened_ms} /> : null}
        </span>
      )}
      {refusal ? (
        <div className="floating">
          <Refused refusal={refusal} dismiss={dismiss} />
        </div>
      ) : null}
      {overriding ? (
        <OverrideLevel incident={incident} content={content} onClose={() => setOverriding(false)} />
      ) : null}
    </div>
  )
}

function OverrideLevel({
  incident,
  content,
  onClose,
}: {
  incident: IncidentRow
  content: Content
  onClose: () => void
}) {
  const { send, busy, refusal } = useSend()
  const [reason, setReason] = useState('')
  const [level, setLevel] = useState<DispatchLevel | ''>('')
  return (
    <Dialog
      title={t('level.override')}
      onClose={onClose}
      testid="override-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {level === '' ? null : (
            <Button
              look="primary"
              busy={busy}
              onClick={() =>
                void send({
                  kind: 'incident.override_level',
                  incident_id: incident.id,
                  level,
                  reason: reason.trim(),
                }).then((done) => done && onClose())
              }
              data-testid="override-go"
            >
              {t('level.override_go', { level })}
            </Button>
          )}
        </>
      }
    >
      <div className="gh-choices">
        {DISPATCH_LEVELS.map((item) => (
          <Button
            key={item}
            on={level === item}
            onClick={() => setLevel(item)}
            data-testid={`override-${item}`}
          >
            <LevelBadge level={item} />
            {say(content.levels.dispatch.find((l) => l.level === item)?.name)}
          </Button>
        ))}
      </div>
      <label className="gh-field">
        <span>{t('level.override_reason')}</span>
        <input
          className="gh-input"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          data-testid="override-reason"
        />
      </label>
    </Dialog>
  )
}
